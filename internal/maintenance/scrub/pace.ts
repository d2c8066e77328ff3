/** Keeps whoever has read so many bytes waiting until more may be read. */
export type Pace = (bytes: number, signal: AbortSignal) => Promise<void>;

interface Deps {
  /** Milliseconds, monotonic. */
  readonly ticks: () => number;
  /** Rejects when the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Shorter waits are put off until they are worth a timer. */
const LEAST_MS = 20;

/**
 * Holds all who share it to so many bytes a second together; without end where that is 0. What was not read while
 * nobody wanted to is not made up for.
 */
export function createPace({ ticks, pause }: Deps, bytesPerSecond: number): Pace {
  let paidTicks = Number.NEGATIVE_INFINITY;
  return async (bytes, signal) => {
    signal.throwIfAborted();
    if (bytesPerSecond === 0) return;
    const now = ticks();
    paidTicks = Math.max(paidTicks, now) + (bytes * 1000) / bytesPerSecond;
    const waitMs = paidTicks - now;
    if (waitMs >= LEAST_MS) await pause(waitMs, signal);
  };
}
