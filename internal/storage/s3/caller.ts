import type { Timeouts } from './client.ts';
import { meaningOf, storageError, type Place } from './failures.ts';
import { retrying, type Retry } from './retry.ts';

/** What each attempt gets: it ends when its time is over. */
export interface Attempt {
  readonly abortSignal: AbortSignal;
}

export interface CallOptions {
  /** For each attempt; `callMs` where it is not given. */
  readonly deadlineMs?: number;
  readonly tries?: number;
}

/** Makes calls to S3, each again where that may help; what remains comes out as a StorageError. */
export class Caller {
  readonly place: Place;
  readonly timeouts: Timeouts;
  readonly retry: Retry;

  constructor(place: Place, timeouts: Timeouts, retry: Retry) {
    this.place = place;
    this.timeouts = timeouts;
    this.retry = retry;
  }

  /** `act` must be safe to repeat, also after a success that nobody heard of. */
  async call<T>(what: string, act: (attempt: Attempt) => Promise<T>, options: CallOptions = {}): Promise<T> {
    const { deadlineMs = this.timeouts.callMs, tries } = options;
    try {
      return await retrying(this.retry, () => within(deadlineMs, act), tries);
    } catch (failure) {
      throw storageError(what, failure, this.place);
    }
  }

  /** The same; undefined where what is called for is not there. */
  async find<T>(
    what: string,
    act: (attempt: Attempt) => Promise<T>,
    options: CallOptions = {},
  ): Promise<T | undefined> {
    const orAbsent = (attempt: Attempt): Promise<T | undefined> =>
      act(attempt).catch((failure: unknown) => {
        if (meaningOf(failure) === 'absent') return undefined;
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
