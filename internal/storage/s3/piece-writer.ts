import type { Key } from '../driver.ts';
import type { Bucket } from './bucket.ts';
import type { Limits } from './limits.ts';
import type { Multipart } from './multiparts.ts';
import type { PartBuffer, PartBuffers } from './part-buffers.ts';
import { PartSender, type PartCalls } from './part-sender.ts';

export interface WriterDeps extends PartCalls {
  readonly bucket: Bucket;
  readonly buffers: PartBuffers;
  readonly limits: Limits;
}

/** So many parts of the usual size are on their way at once where buffers are plenty; else one. */
const MOST_FLYING = 3;

/**
 * One object that is written from its start to its end. Bytes gather in a buffer, full buffers go to S3 as parts; what
 * fits into one buffer is stored with a single call. One call at a time.
 */
export class PieceWriter {
  readonly #deps: WriterDeps;
  readonly #key: Key;
  readonly #units: number;
  readonly #sender: PartSender;
  #small: Buffer | undefined;
  #filling: PartBuffer | undefined;
  #filledBytes = 0;
  #sentBytes = 0;

  /** `units`: how many of the usual parts each of its parts has. */
  constructor(deps: WriterDeps, key: Key, units = 1) {
    this.#deps = deps;
    this.#key = key;
    this.#units = units;
    this.#sender = new PartSender(deps, key);
  }

  get sizeBytes(): number {
    return this.#sentBytes + this.#unsent().length;
  }

  /** How many bytes it still takes. */
  get roomBytes(): number {
    const { partBytes, mostParts } = this.#deps.limits;
    return partBytes * this.#units * mostParts - this.sizeBytes;
  }

  async add(chunk: Uint8Array): Promise<void> {
    if (this.sizeBytes === 0 && chunk.length <= this.#deps.limits.smallBytes) {
      this.#small = Buffer.from(chunk);
      return;
    }
    for (let rest = chunk; rest.length > 0;) {
      if (this.#filledBytes === this.#filling?.bytes.length) await this.#send();
      const { bytes } = (this.#filling ??= await this.#takeBuffer());
      const part = rest.subarray(0, bytes.length - this.#filledBytes);
      bytes.set(part, this.#filledBytes);
      this.#filledBytes += part.length;
      rest = rest.subarray(part.length);
    }
  }

  /** A copy of all its bytes; undefined where some are on their way. */
  copyAll(): Uint8Array | undefined {
    return this.#sender.count === 0 ? Uint8Array.from(this.#unsent()) : undefined;
  }

  /** Makes what was written the object, whole. */
  async store(): Promise<void> {
    const sizeBytes = this.sizeBytes;
    if (this.#sender.count === 0) {
      await this.#deps.bucket.put(this.#key, this.#unsent());
      this.#release();
    } else {
      await this.#send();
      await this.#sender.complete(sizeBytes);
    }
  }

  /** Brings all that was written to S3 as parts, and leaves it there. */
  async settle(): Promise<{ readonly multipart: Multipart; readonly tags: readonly string[] }> {
    await this.#send();
    return this.#sender.settle();
  }

  /** Gives up what is not stored, as far as that can be done now. */
  async drop(): Promise<void> {
    this.#release();
    await this.#sender.abort();
  }

  /** As a buffer rests and wakes. */
  rest(giveWay?: () => void): void {
    this.#filling?.rest(giveWay);
  }

  wake(): void {
    this.#filling?.wake();
  }

  async #takeBuffer(): Promise<PartBuffer> {
    const buffer = await this.#deps.buffers.take(this.#units);
    this.#filledBytes = this.#small?.copy(buffer.bytes) ?? 0;
    this.#small = undefined;
    return buffer;
  }

  /** Starts to bring what has gathered as the next part. */
  async #send(): Promise<void> {
    const bytes = this.#unsent();
    const buffer = this.#filling;
    if (bytes.length === 0) return;
    buffer?.wake();
    this.#small = undefined;
    this.#filling = undefined;
    this.#filledBytes = 0;
    this.#sentBytes += bytes.length;
    const { multiparts, buffers } = this.#deps;
    const most = this.#units === 1 && buffers.plenty ? MOST_FLYING : 1;
    const put = (multipart: Multipart, number: number): Promise<string> => multiparts.put(multipart, number, bytes);
    await this.#sender.add(put, () => buffer?.release(), most);
  }

  #unsent(): Buffer {
    return this.#filling?.bytes.subarray(0, this.#filledBytes) ?? this.#small ?? NOTHING;
  }

  #release(): void {
    this.#filling?.release();
    this.#filling = undefined;
    this.#small = undefined;
  }
}

const NOTHING = Buffer.alloc(0);
