import { Readable } from 'node:stream';
import { RandomAccessReader } from 'yauzl';
import type { ReadRange } from './inspection.ts';

/** So much is read at a time: a directory is read in pieces of some ten bytes, each next to the one before. */
const WINDOW_BYTES = 64 * 1024;
/** So much is read of one package at most, whatever its directory says. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Gives yauzl the bytes of a blob that it asks for. */
export class RangedReader extends RandomAccessReader {
  readonly #readRange: ReadRange;
  readonly #sizeBytes: number;
  #window = { start: 0, bytes: Buffer.alloc(0) };
  #leftBytes = MOST_BYTES;

  constructor(readRange: ReadRange, sizeBytes: number) {
    super();
    this.#readRange = readRange;
    this.#sizeBytes = sizeBytes;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (failure: Error | null) => void,
  ): void {
    void this.#answer(buffer.subarray(offset, offset + length), position, callback);
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#spend(this.#readRange({ start, end: end - 1 })));
  }

  async #answer(into: Buffer, position: number, callback: (failure: Error | null) => void): Promise<void> {
    try {
      (await this.#fill(position, into.length)).copy(into);
    } catch (failure) {
      return callback(failure instanceof Error ? failure : new Error('it cannot be read'));
    }
    return callback(null);
  }

  async #fill(position: number, length: number): Promise<Buffer> {
    const { start, bytes } = this.#window;
    if (position >= start && position + length <= start + bytes.length) {
      return bytes.subarray(position - start, position - start + length);
    }
    if (position < 0 || position + length > this.#sizeBytes) throw new Error('it is shorter than it says');
    const end = Math.min(this.#sizeBytes, position + Math.max(length, WINDOW_BYTES)) - 1;
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#spend(this.#readRange({ start: position, end }))) chunks.push(chunk);
    this.#window = { start: position, bytes: Buffer.concat(chunks) };
    return this.#window.bytes.subarray(0, length);
  }

  async *#spend(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of stream) {
      this.#leftBytes -= chunk.length;
      if (this.#leftBytes < 0) throw new Error('its directory is too large');
      yield Buffer.from(chunk); // it is only lent
    }
  }
}
