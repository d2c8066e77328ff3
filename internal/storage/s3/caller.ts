import { StorageError } from '../types.ts';
import type { Timeouts } from './client.ts';
import { meaningOf, storageError, type Meaning, type Place } from './failures.ts';
import { retrying, TRIES, type Retry } from './retry.ts';

/** What each attempt gets: it ends when its time is over. */
export interface Attempt {
  readonly abortSignal: AbortSignal;
}

export interface CallOptions {
  /** For each attempt; `callMs` where it is not given. */
  readonly deadlineMs?: number;
  /** What counts as not there; by default an object that is none, and an upload that is over. */
  readonly absent?: readonly Meaning[];
  /** As many as `retry.ts` has them where it is not given; one while the service is known to be away. */
  readonly tries?: number;
}

/** A call has just failed as if the service were away, or not set up for us. */
export type OnTrouble = () => void;

/** Makes calls to S3, each again where that may help; what remains comes out as a StorageError. */
export class Caller {
  readonly place: Place;
  readonly timeouts: Timeouts;
  readonly retry: Retry;
  readonly #onTrouble: OnTrouble;
  #isAway = false;

  constructor(place: Place, timeouts: Timeouts, retry: Retry, onTrouble: OnTrouble = () => undefined) {
    this.place = place;
    this.timeouts = timeouts;
    this.retry = retry;
    this.#onTrouble = onTrouble;
  }

  /** `act` must be safe to repeat, also after a success that nobody heard of. */
  async call<T>(what: string, act: (attempt: Attempt) => Promise<T>, options: CallOptions = {}): Promise<T> {
    const { deadlineMs = this.timeouts.callMs, tries = this.#isAway ? 1 : TRIES } = options;
    try {
      const result = await retrying(this.retry, () => within(deadlineMs, act), tries);
      this.#isAway = false;
      return result;
    } catch (failure) {
      // Once a call was made in vain again and again, the others need not do the same: whoever waits is told at once.
      this.#isAway = meaningOf(failure) === 'passing';
      throw this.toldError(what, failure);
    }
  }

  /** A call that failed for good, as a StorageError with one line for the operator; other failures as they are. */
  toldError(what: string, failure: unknown): unknown {
    const told = storageError(what, failure, this.place);
    if (told instanceof StorageError && told.failure === 'busy') this.#onTrouble();
    return told;
  }

  /** The same; undefined where what is called for is not there. */
  async find<T>(
    what: string,
    act: (attempt: Attempt) => Promise<T>,
    options: CallOptions = {},
  ): Promise<T | undefined> {
    const { absent = ['absent', 'ended'] } = options;
    const orAbsent = (attempt: Attempt): Promise<T | undefined> =>
      act(attempt).catch((failure: unknown) => {
        if (absent.includes(meaningOf(failure))) return undefined;
        throw failure;
      });
    return this.call(what, orAbsent, options);
  }
}

async function within<T>(deadlineMs: number, act: (attempt: Attempt) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), deadlineMs);
  try {
    return await act({ abortSignal: controller.signal });
  } finally {
    clearTimeout(timer); // a stream that was opened goes on
  }
}
