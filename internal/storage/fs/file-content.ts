import { spanOf } from '../content.ts';
import type { Slot } from '../slots.ts';
import { StorageError, type ByteRange, type Content } from '../types.ts';
import { attempt } from './failures.ts';
import type { OpenFiles } from './file-system.ts';
import { PROVEN_BYTES, type Pace, type ReadBuffers } from './read-buffers.ts';

interface Filled {
  readonly slot: Slot;
  readonly bytes: Uint8Array;
}

/** What one read has in its hands: what its reader looks at, and what is being read ahead meanwhile. */
interface Run {
  held: Slot | undefined;
  ahead: Promise<Filled> | undefined;
}

/** An open file as content: its first `sizeBytes` bytes. The file is this object's to close. */
export class FileContent implements Content {
  readonly sizeBytes: number;
  readonly #file: number;
  readonly #files: OpenFiles;
  readonly #buffers: ReadBuffers;
  readonly #runs = new Set<Run>();
  #closed = false;

  constructor(file: number, sizeBytes: number, files: OpenFiles, buffers: ReadBuffers) {
    this.#file = file;
    this.sizeBytes = sizeBytes;
    this.#files = files;
    this.#buffers = buffers;
  }

  async *read(range?: ByteRange): AsyncGenerator<Uint8Array> {
    const { start, lengthBytes } = spanOf(this.sizeBytes, range);
    const end = start + lengthBytes;
    const run: Run = { held: undefined, ahead: undefined };
    this.#runs.add(run);
    try {
      for (let position = start; position < end;) {
        this.#checkOpen();
        const pace: Pace = position - start < PROVEN_BYTES ? 'unknown' : 'quick';
        run.ahead ??= this.#fill(() => this.#buffers.take(end - position, pace), position, end);
        const filled = await run.ahead;
        this.#checkOpen();
        run.held = filled.slot;
        position += filled.bytes.length;
        run.ahead = this.#readAhead(position, end, pace);
        yield filled.bytes;
        run.held.release();
      }
    } finally {
      await this.#end(run);
    }
  }

  /** Waits for reads under way: the number of a closed file may be another's at once. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const run of this.#runs) await this.#end(run);
    await this.#files.close(this.#file).catch(() => undefined); // nothing was written through it
  }

  #checkOpen(): void {
    if (this.#closed) throw new StorageError('broken', 'the content was closed while it was read');
  }

  #readAhead(position: number, end: number, pace: Pace): Promise<Filled> | undefined {
    const slot = position < end && !this.#closed ? this.#buffers.takeAhead(pace) : undefined;
    if (!slot) return undefined;
    const ahead = this.#fill(() => slot, position, end);
    ahead.catch(() => undefined); // the reader hears of it when it asks for more
    return ahead;
  }

  /** Takes its buffer when it is its turn to read: what waits holds none. */
  #fill(take: () => Slot, position: number, end: number): Promise<Filled> {
    return this.#buffers.reads.run(async () => {
      const slot = take();
      try {
        const bytes = slot.bytes.subarray(0, Math.min(slot.bytes.length, end - position));
        await attempt('read stored content', () => this.#readAll(bytes, position));
        return { slot, bytes };
      } catch (failure) {
        slot.release();
        throw failure;
      }
    });
  }

  async #readAll(bytes: Uint8Array, position: number): Promise<void> {
    for (let length = 0; length < bytes.length;) {
      const count = await this.#files.read(this.#file, bytes.subarray(length), position + length);
      if (count === 0) throw new StorageError('broken', 'stored content is shorter than it was');
      length += count;
    }
  }

  async #end(run: Run): Promise<void> {
    this.#runs.delete(run);
    run.held?.release();
    const filled = await run.ahead?.catch(() => undefined);
    filled?.slot.release();
  }
}
