import { isBusy } from './failures.ts';

/** How a thread waits: it may stop dead, since it serves nobody else meanwhile. */
export interface Patience {
  readonly pause: (ms: number) => void;
  /** 0 to 1, so that processes that wait for each other do not keep step. */
  readonly random: () => number;
}

/** So long is tried in all; a writer that keeps the lock longer is no neighbour but a fault. */
const PATIENCE_MS = 10_000;
const FIRST_MS = 0.25;
const LONGEST_MS = 4;

/** Does the action again while another process's writer is in the way; in the end it throws what SQLite said. */
export function insist<Result>(action: () => Result, { pause, random }: Patience, mostMs = PATIENCE_MS): Result {
  for (let wait = FIRST_MS, waited = 0; ; wait = Math.min(2 * wait, LONGEST_MS)) {
    try {
      return action();
    } catch (error) {
      if (!isBusy(error) || waited >= mostMs) throw error;
    }
    const ms = wait * (0.5 + random());
    pause(ms);
    waited += ms;
  }
}
