import type { Retention } from '../gc/index.ts';
import type { Jobs } from '../jobs/index.ts';
import type { Logger } from '../log/index.ts';
import type { Registry } from '../registry/index.ts';

const LOOK_MS = 60_000;
const LEASE_MS = 30_000;
const FLUSH_MS = 60_000;

interface Deps {
  readonly retention: Retention;
  readonly log: Logger;
}

/** Looks from time to time whether the rules are due: of all replicas one carries them out. */
export function addRetentionJob(jobs: Jobs, { retention, log }: Deps): void {
  jobs.every({
    name: 'retention',
    intervalMs: LOOK_MS,
    leaseMs: LEASE_MS,
    run: async (signal) => {
      const done = await retention.runIfDue(signal);
      if (!done) return;
      const { tags, manifests, bytes } = done;
      if (tags + manifests > 0) log.info('Retention rules were carried out', { tags, manifests, bytes });
    },
  });
}

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
