import { SlotPool, type Slot } from '../slots.ts';

const LARGE_BYTES = 1024 * 1024;
const SMALL_BYTES = 64 * 1024;
/** Both together are the most that reads hold: 128 MiB. */
const LARGE_LIMIT = 64;
const SMALL_LIMIT = 1024;

/**
 * Buffers for reading. Large ones serve best; when slow readers hold all of those, small ones must do, so that nobody
 * waits for another's connection. Past these each read gets along with one plain buffer at a time.
 */
export class ReadBuffers {
  readonly #large = new SlotPool(LARGE_LIMIT, () => Buffer.allocUnsafeSlow(LARGE_BYTES));
  readonly #small = new SlotPool(SMALL_LIMIT, () => Buffer.allocUnsafeSlow(SMALL_BYTES));

  /** How many pooled buffers are on loan. */
  get inUse(): number {
    return this.#large.inUse + this.#small.inUse;
  }

  /** A buffer for up to `wantedBytes` bytes. */
  take(wantedBytes: number): Slot {
    return wantedBytes <= SMALL_BYTES ? plain(wantedBytes) : (this.takeAhead() ?? plain(SMALL_BYTES));
  }

  /** A buffer for reading ahead: from the pool, or none. */
  takeAhead(): Slot | undefined {
    return this.#large.take() ?? this.#small.take();
  }
}

function plain(sizeBytes: number): Slot {
  return { bytes: Buffer.allocUnsafe(sizeBytes), release: () => undefined };
}
