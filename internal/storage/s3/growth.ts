import type { Key } from '../driver.ts';
import { childKey } from '../layout.ts';
import { StorageError } from '../types.ts';
import type { HeldUploads } from './held-uploads.ts';
import { PieceWriter, type WriterDeps } from './piece-writer.ts';
import { sizeOf, type Piece, type UploadState } from './upload-state.ts';

export interface GrowthDeps extends WriterDeps {
  readonly held: HeldUploads;
  /** Text that no other call and no other process makes, in `[0-9a-z]`. */
  readonly nonce: () => string;
}

/** Where an upload stands as a request goes on with it. */
export interface GrowthStart {
  readonly key: Key;
  readonly pieces: readonly Piece[];
  readonly litter: boolean;
  /** The final key, where the bytes are to be brought straight there, in parts of so many times the usual size. */
  readonly straight?: { readonly to: Key; readonly units: number };
  /** Called when nothing is written any more. */
  readonly onEnd?: () => void;
}

/**
 * What one request adds to an upload: a new piece, or several, where the buffer is called back or S3 takes no more
 * parts. Their names are new each time, so that nobody who writes on after the upload was taken over can touch them.
 */
export class Growth {
  readonly #deps: GrowthDeps;
  readonly #start: GrowthStart;
  readonly #made: Piece[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #piece: { readonly name: string; readonly writer: PieceWriter } | undefined;
  #failure: { readonly cause: unknown } | undefined;

  constructor(deps: GrowthDeps, start: GrowthStart) {
    this.#deps = deps;
    this.#start = start;
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      for (let rest = chunk; rest.length > 0;) {
        const { writer } = (this.#piece ??= this.#begin());
        writer.wake();
        const part = rest.subarray(0, writer.roomBytes);
        if (part.length === 0) await this.#end();
        else await writer.add(part);
        rest = rest.subarray(part.length);
      }
      // What goes straight to its final key cannot be cut short: that buffer is not called back.
      this.#piece?.writer.rest(this.#start.straight ? undefined : this.#giveWay);
    });
  }

  /** To be called once, whatever became of the writes. With `sync`, any process can go on from the state. */
  async finish(sync: boolean): Promise<UploadState> {
    try {
      return await this.#inTurn(() => this.#finish(sync));
    } catch (failure) {
      await this.#drop();
      throw failure;
    } finally {
      this.#start.onEnd?.();
    }
  }

  #begin(): { readonly name: string; readonly writer: PieceWriter } {
    const { key, straight, pieces } = this.#start;
    const name = `${sizeOf(pieces) + sizeOf(this.#made)}-${this.#deps.nonce()}`;
    return { name, writer: new PieceWriter(this.#deps, straight?.to ?? childKey(key, name), straight?.units) };
  }

  async #finish(sync: boolean): Promise<UploadState> {
    const { key, straight, pieces, litter } = this.#start;
    const piece = this.#piece;
    const whole = pieces.length + this.#made.length === 0 ? piece?.writer.copyAll() : undefined;
    if (piece && whole && (straight || !sync)) {
      await piece.writer.drop();
      this.#piece = undefined;
      if (!sync && this.#deps.held.keep(key, whole)) return { kind: 'held', sizeBytes: whole.length };
      await this.#deps.bucket.put(childKey(key, piece.name), whole);
      this.#count(piece.name, whole.length);
    } else if (piece && straight) {
      const { multipart, tags } = await piece.writer.settle();
      return { kind: 'direct', to: straight.to, uploadId: multipart.uploadId, tags, sizeBytes: piece.writer.sizeBytes };
    }
    await this.#end();
    return { kind: 'pieces', pieces: [...pieces, ...this.#made], litter };
  }

  /** Makes what was written so far a piece of its own. */
  async #end(): Promise<void> {
    if (!this.#piece) return;
    if (this.#start.straight) throw new StorageError('broken', 'more came than was announced');
    const { name, writer } = this.#piece;
    const { sizeBytes } = writer;
    if (sizeBytes > 0) await writer.store();
    this.#piece = undefined;
    if (sizeBytes > 0) this.#count(name, sizeBytes);
  }

  #count(name: string, sizeBytes: number): void {
    this.#made.push({ name, sizeBytes, storedBytes: sizeBytes });
  }

  readonly #giveWay = (): void => void this.#inTurn(() => this.#end()).catch(() => undefined); // the next call fails

  /** Removes what this growth has stored, which nobody will know of. */
  async #drop(): Promise<void> {
    const { bucket } = this.#deps;
    await this.#piece?.writer.drop();
    const keys = this.#made.map(({ name }) => childKey(this.#start.key, name));
    await Promise.allSettled(keys.map((key) => bucket.remove(key)));
  }

  /** One after the other; after a failure nothing more is done. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(async () => {
      if (this.#failure) throw this.#failure.cause;
      try {
        return await act();
      } catch (cause) {
        this.#failure = { cause };
        throw cause;
      }
    });
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
