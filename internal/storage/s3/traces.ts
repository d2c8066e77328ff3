import type { Key } from '../driver.ts';
import type { Multipart } from './multiparts.ts';
import type { UploadState } from './upload-state.ts';

/** What this process did for an upload that it knows from its first byte on. */
export class Trace {
  #stored = false;
  #failed = false;
  #direct: Multipart | undefined;

  /** Whether there may be objects below the upload's key. */
  get stored(): boolean {
    return this.#stored;
  }

  /** Whether there may also be parts there of what never became an object. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Parts at the final key, neither published nor given up. */
  get direct(): Multipart | undefined {
    return this.#direct;
  }

  note(state: UploadState): void {
    if (state.kind === 'direct') this.#direct = { key: state.to, uploadId: state.uploadId };
    if (state.kind === 'pieces' && (state.pieces.length > 0 || state.litter)) this.#stored = true;
  }

  /** A write failed, and what it left could perhaps not be removed. */
  noteFailure(): void {
    this.#stored = true;
    this.#failed = true;
  }

  /** The parts at the final key are the object now, or given up. */
  noteArrived(): void {
    this.#direct = undefined;
  }
}

/** The traces of uploads in this process; of those that it forgot, and of others, S3 is asked what there is to remove. */
export class Traces {
  readonly #limit: number;
  readonly #traces = new Map<Key, Trace>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The upload's trace, made where it begins. */
  begin(key: Key): Trace {
    const trace = this.take(key) ?? new Trace();
    this.#traces.set(key, trace);
    const [oldest] = this.#traces.keys();
    if (this.#traces.size > this.#limit && oldest) this.#traces.delete(oldest);
    return trace;
  }

  find(key: Key): Trace | undefined {
    return this.#traces.get(key);
  }

  /** The trace, which is forgotten. */
  take(key: Key): Trace | undefined {
    const trace = this.#traces.get(key);
    this.#traces.delete(key);
    return trace;
  }
}
