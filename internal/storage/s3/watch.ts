import type { StorageLog } from '../storage-log.ts';
import { StorageError } from '../types.ts';

export interface WatchDeps {
  /** Throws a StorageError whose message tells the operator what is wrong. */
  readonly check: () => Promise<void>;
  readonly log: StorageLog;
  /** Resolves after so long, or rejects when the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** 0 to 1, so that replicas do not keep step. */
  readonly random: () => number;
}

/** Tells the operator when a bucket cannot be used and why, and when it can be again: not at every call that fails. */
export interface Watch {
  /** Checks now, for whoever wants to know. */
  readonly check: () => Promise<void>;
  /** A call failed as if the bucket could not be used: it is checked, once for all who doubt. */
  readonly doubt: () => void;
  /** Tells nothing any more. Resolves when nothing is being checked. */
  readonly close: () => Promise<void>;
}

const FIRST_MS = 250;
const LONGEST_MS = 5000;

/** Checks at once, and while the bucket cannot be used again and again; after that when somebody doubts. */
export function openWatch({ check, log, pause, random }: WatchDeps): Watch {
  const closing = new AbortController();
  /** Each reason is told once for as long as it goes on, also where two of them take turns. */
  const told = new Set<string>();
  let watching: Promise<void> | undefined;

  async function checkAndTell(): Promise<void> {
    try {
      await check();
      if (told.size > 0 && !closing.signal.aborted) log.info('Storage is available again');
      told.clear();
    } catch (failure) {
      const line = failure instanceof StorageError ? failure.message : String(failure);
      if (!told.has(line) && !closing.signal.aborted) log.error(`Storage is not available: ${line}`);
      told.add(line);
      throw failure;
    }
  }

  const isWell = (): Promise<boolean> =>
    checkAndTell().then(
      () => true,
      () => false,
    );

  async function rest(ms: number): Promise<void> {
    if (!closing.signal.aborted) await pause(ms * (0.5 + random()), closing.signal).catch(() => undefined);
  }

  async function watch(): Promise<void> {
    for (let wait = FIRST_MS; !closing.signal.aborted && !(await isWell()); wait = Math.min(2 * wait, LONGEST_MS)) {
      await rest(wait);
    }
    await rest(FIRST_MS); // doubts come in crowds
  }

  function doubt(): void {
    if (!closing.signal.aborted) watching ??= watch().finally(() => (watching = undefined));
  }

  doubt();
  return {
    check: checkAndTell,
    doubt,
    close: async () => {
      closing.abort();
      await watching;
    },
  };
}
