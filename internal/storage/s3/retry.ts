import { mayPass, meaningOf } from './failures.ts';

export interface Retry {
  /** Milliseconds, from the caller's clock. */
  readonly clock: () => number;
  readonly wait: (ms: number) => Promise<void>;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** A call is made so often, and no more once it has gone on for so long. */
export const TRIES = 6;
const ENOUGH_MS = 60_000;
const FIRST_MS = 100;
const FIRST_THROTTLED_MS = 500;
const MOST_MS = 5000;

/** Makes a call that is safe to repeat until it succeeds, or fails with what will not pass, or has failed often enough. */
export async function retrying<T>(retry: Retry, act: () => Promise<T>, tries = TRIES): Promise<T> {
  const startedMs = retry.clock();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act();
    } catch (failure) {
      if (attempt >= tries || !mayPass(failure) || retry.clock() - startedMs >= ENOUGH_MS) throw failure;
      await retry.wait(pauseMs(failure, attempt, retry.random()));
    }
  }
}

/** How long to wait before the next attempt: twice as long each time, and somewhere in its upper half. */
export function pauseMs(failure: unknown, attempt: number, random: number): number {
  const firstMs = meaningOf(failure) === 'throttled' ? FIRST_THROTTLED_MS : FIRST_MS;
  const longestMs = Math.min(MOST_MS, firstMs * 2 ** (attempt - 1));
  return (longestMs * (1 + random)) / 2;
}
