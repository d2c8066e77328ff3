import { SlotPool, type Slot } from '../slots.ts';
import { AtOnce } from './at-once.ts';

const LARGE_BYTES = 1024 * 1024;
const SMALL_BYTES = 64 * 1024;
/** Both together are the most that reads hold: 128 MiB. */
const LARGE_LIMIT = 64;
const SMALL_LIMIT = 1024;
/** What a read gets along with when all of those are on loan. */
const LEAST_BYTES = 16 * 1024;
/** Reads that wait for the disk: enough to keep it busy, and not so many that whoever else needs it waits behind them. */
const READS_AT_ONCE = 32;

/** So many large ones are for whoever comes. The others are for those who do not keep them for long. */
const OPEN_LIMIT = 16;

/** What a reader has shown of itself: `unknown` until it has taken so much that it cannot be a slow one. */
export type Pace = 'unknown' | 'quick';

/** What a connection to a slow reader may swallow before it shows: the kernel's buffers on both sides. */
export const PROVEN_BYTES = 8 * 1024 * 1024;

/**
 * Buffers for reading. Large ones serve best, and may be read into ahead. When many are on loan, who has not shown that
 * it is quick gets small ones, so that slow readers, who hold what they were given for long, hold little, and nobody
 * waits for another's connection. Past these each read gets along with a smaller plain one.
 */
export class ReadBuffers {
  readonly #large = new SlotPool(LARGE_LIMIT, () => Buffer.allocUnsafeSlow(LARGE_BYTES));
  readonly #small = new SlotPool(SMALL_LIMIT, () => Buffer.allocUnsafeSlow(SMALL_BYTES));
  /** What reads run in. */
  readonly reads = new AtOnce(READS_AT_ONCE);

  /** How many pooled buffers are on loan. */
  get inUse(): number {
    return this.#large.inUse + this.#small.inUse;
  }

  /** A buffer for up to `wantedBytes` bytes. */
  take(wantedBytes: number, pace: Pace): Slot {
    if (wantedBytes <= LEAST_BYTES) return plain(wantedBytes);
    const large = wantedBytes > SMALL_BYTES ? this.takeAhead(pace) : undefined;
    return large ?? this.#small.take() ?? plain(LEAST_BYTES);
  }

  /** A buffer for reading ahead: a large one, or none. */
  takeAhead(pace: Pace): Slot | undefined {
    return pace === 'quick' || this.#large.inUse < OPEN_LIMIT ? this.#large.take() : undefined;
  }
}

function plain(sizeBytes: number): Slot {
  return { bytes: Buffer.allocUnsafe(sizeBytes), release: () => undefined };
}
