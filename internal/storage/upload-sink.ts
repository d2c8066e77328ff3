import { allEnded } from './all-ended.ts';
import type { Growing } from './driver.ts';
import type { RunningHash } from './hashing.ts';
import type { Slot, SlotPool } from './slots.ts';

/** A slot that has waited so long for more is written as it is: a slow client's bytes are to be seen moving, in the time of the last write. */
const HELD_MS = 5000;
/** A client that was slow is quick again when it brings this much at once. */
const QUICK_BYTES = 16 * 1024;
/** Without a slot, so much of a chunk is written at a time. */
const UNSLOTTED_BYTES = 1024 * 1024;

/** So many pieces are given on before the first of them is written and hashed, so that neither waits for the other. */
const UNDER_WAY = 2;

/** Writes pieces to a growing object and hashes them meanwhile, each in order, one at a time. */
export class UploadSink {
  readonly #growing: Growing;
  readonly #hash: RunningHash | undefined;
  #offsetBytes: number;
  #written: Promise<void> = Promise.resolve();
  #done: Promise<void> = Promise.resolve();

  constructor(growing: Growing, hash: RunningHash | undefined, from: number) {
    this.#growing = growing;
    this.#hash = hash;
    this.#offsetBytes = from;
  }

  /** Up to where all is written and hashed. */
  get offsetBytes(): number {
    return this.#offsetBytes;
  }

  /**
   * Takes what comes after the piece before, which need not be done; fails as that does, writing nothing. When it
   * settles, nobody uses the bytes any more.
   */
  write(bytes: Uint8Array): Promise<void> {
    const written = this.#written.then(() => this.#growing.write(bytes));
    this.#written = written;
    this.#done = this.#settle(bytes.length, [this.#done, written, this.#hash?.update(bytes) ?? this.#done]);
    return this.#done;
  }

  async #settle(sizeBytes: number, parts: readonly Promise<void>[]): Promise<void> {
    await allEnded(parts);
    this.#offsetBytes += sizeBytes;
  }
}

/**
 * Gathers chunks into slots: one fills while others are written and hashed, so that network, disk and hash overlap.
 * An upload has at most these three, and waits for none: without one the chunk is written as it came. So is what a slow
 * client brings, who would keep a slot from others for the sake of little.
 */
export class SlotWriter {
  readonly #sink: UploadSink;
  readonly #slots: SlotPool;
  readonly #clock: () => number;
  #filling: Slot | undefined;
  #filledBytes = 0;
  #sinceMs = 0;
  #isSlow = false;
  /** Oldest first. */
  readonly #underWay: Promise<void>[] = [];

  constructor(sink: UploadSink, slots: SlotPool, clock: () => number) {
    this.#sink = sink;
    this.#slots = slots;
    this.#clock = clock;
  }

  /** The chunk is the caller's again when it resolves; its bytes may not be written yet. */
  async add(chunk: Uint8Array): Promise<void> {
    if (chunk.length >= QUICK_BYTES) this.#isSlow = false;
    for (let rest = chunk; rest.length > 0;) {
      const slot = this.#filling ?? (this.#isSlow ? undefined : this.#takeSlot());
      if (!slot) {
        await this.#sink.write(rest.subarray(0, UNSLOTTED_BYTES));
        rest = rest.subarray(UNSLOTTED_BYTES);
        continue;
      }
      const part = rest.subarray(0, slot.bytes.length - this.#filledBytes);
      copyInto(slot.bytes, part, this.#filledBytes);
      this.#filledBytes += part.length;
      rest = rest.subarray(part.length);
      if (this.#filledBytes === slot.bytes.length) await this.flush();
    }
    if (!this.#filling || this.#clock() - this.#sinceMs < HELD_MS) return;
    this.#isSlow = true;
    await this.flush();
  }

  /** Starts to write what waits in a slot, as soon as little enough is under way. */
  async flush(): Promise<void> {
    if (this.#underWay.length >= UNDER_WAY) await this.#underWay.shift();
    const slot = this.#filling;
    if (!slot) return;
    this.#filling = undefined;
    const writing = this.#sink.write(slot.bytes.subarray(0, this.#filledBytes)).finally(() => slot.release());
    writing.catch(() => undefined); // whoever comes next sees the failure
    this.#underWay.push(writing);
  }

  /** Forgets what waits in a slot. */
  drop(): void {
    this.#filling?.release();
    this.#filling = undefined;
  }

  /** Resolves when all that was added, and not dropped, is written. */
  async finish(): Promise<void> {
    await this.flush();
    await Promise.all(this.#underWay);
  }

  /** Gives the slots back, whatever they hold; to be called in any case, and last. */
  async release(): Promise<void> {
    this.drop();
    await Promise.allSettled(this.#underWay);
  }

  #takeSlot(): Slot | undefined {
    this.#filling = this.#slots.take();
    this.#filledBytes = 0;
    this.#sinceMs = this.#clock();
    return this.#filling;
  }
}

/** `set` goes word by word where memory is shared, and takes twice the time. */
function copyInto(to: Uint8Array, from: Uint8Array, at: number): void {
  Buffer.from(from.buffer, from.byteOffset, from.length).copy(to, at);
}
