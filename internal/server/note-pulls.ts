import type { Logger } from '../log/index.ts';
import type { Registry } from '../registry/index.ts';

const FLUSH_MS = 60_000;

/** Writes down from time to time what this process saw pulled, which no other knows; and a last time when it is stopped. */
export function notePulls({ chores }: Registry, log: Logger): { stop(): Promise<void> } {
  const flush = (): Promise<void> =>
    chores.flushPulls().catch((error: unknown) => log.warn('Pulls could not be noted yet', { error }));
  const timer = setInterval(() => void flush(), FLUSH_MS).unref();
  return {
    async stop() {
      clearInterval(timer);
      await flush();
    },
  };
}
