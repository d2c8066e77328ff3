import type { Key } from '../driver.ts';
import { StorageError, type ByteRange } from '../types.ts';
import type { Bucket, Opened } from './bucket.ts';
import type { Caller } from './caller.ts';
import { cutShort, goneError, mayPass } from './failures.ts';
import { pauseMs, TRIES } from './retry.ts';

export interface Reading {
  readonly bucket: Pick<Bucket, 'get'>;
  readonly caller: Pick<Caller, 'retry' | 'toldError'>;
  /** Told of what was read, in bytes, whose buffers are garbage now. */
  readonly onGarbage: (count: number) => void;
}

/** Reads a range of an object once. A stream that breaks is taken up where it broke. */
export class RangeReader {
  readonly #reading: Reading;
  readonly #key: Key;
  readonly #range: ByteRange;
  readonly #tag: string | undefined;
  #opened: Opened | undefined;
  #stopped = false;

  /** `begun`: the object, opened at the start of the range; `tag`: the state of the object that is meant. */
  constructor(reading: Reading, key: Key, range: ByteRange, { begun, tag }: { begun?: Opened; tag?: string } = {}) {
    this.#reading = reading;
    this.#key = key;
    this.#range = range;
    this.#opened = begun;
    this.#tag = tag;
  }

  async *read(): AsyncGenerator<Uint8Array> {
    const end = this.#range.end + 1;
    let at = this.#range.start;
    let failures = 0;
    while (at < end) {
      const body = await this.#open(at);
      try {
        for await (const chunk of body as AsyncIterable<Uint8Array>) {
          const bytes = chunk.length > end - at ? chunk.subarray(0, end - at) : chunk;
          at += bytes.length;
          failures = 0;
          yield bytes;
          this.#drop(chunk);
          if (at === end) break;
        }
        if (at < end) cutShort();
      } catch (failure) {
        failures += 1;
        await this.#bear(failure, failures);
      } finally {
        this.#opened = undefined;
        body.destroy();
      }
    }
  }

  /** Ends a read that goes on, and lets the connection go. */
  stop(): void {
    this.#stopped = true;
    this.#opened?.body.destroy();
  }

  async #open(start: number): Promise<Opened['body']> {
    this.#checkGoing();
    const { end } = this.#range;
    this.#opened ??= await this.#reading.bucket.get(this.#key, { start, end }, this.#tag);
    if (!this.#opened) throw goneError(this.#key);
    const { body } = this.#opened;
    if (this.#stopped) body.destroy();
    return body;
  }

  /** Waits for a while where a broken stream can be taken up again; else fails as it did. */
  async #bear(failure: unknown, failures: number): Promise<void> {
    this.#checkGoing();
    const { caller } = this.#reading;
    const { retry } = caller;
    if (failures >= TRIES || !mayPass(failure)) throw caller.toldError(`read ${this.#key}`, failure);
    await retry.wait(pauseMs(failure, failures, retry.random()));
  }

  /**
   * Gives the memory of a chunk back at once, now that nobody may look at it any more. Only where the chunk is all of its
   * memory: else another one may be part of it too. As much again, which Node's parser copied it from, is left over.
   */
  #drop({ buffer, byteLength }: Uint8Array): void {
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
    this.#reading.onGarbage(byteLength);
  }

  #checkGoing(): void {
    if (this.#stopped) throw new StorageError('broken', 'the content was closed while it was read');
  }
}
