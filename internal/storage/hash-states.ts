import type { Algorithm, UploadId } from '../../pkg/oci/index.ts';
import type { RunningHash } from './hashing.ts';

interface Kept {
  readonly offsetBytes: number;
  readonly algorithm: Algorithm;
  readonly hash: RunningHash;
}

/** Hashes of unfinished uploads, at hand so that the next chunk goes on with them; the least recently used are let go. */
export class HashStates {
  readonly #limit: number;
  readonly #kept = new Map<UploadId, Kept>(); // in order of use, oldest first

  constructor(limit: number) {
    this.#limit = limit;
  }

  keep(id: UploadId, offsetBytes: number, algorithm: Algorithm, hash: RunningHash): void {
    this.drop(id);
    this.#kept.set(id, { offsetBytes, algorithm, hash });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#limit) return;
      this.drop(oldest);
    }
  }

  /** Hands out the hash of exactly the first `offsetBytes` bytes; it is the caller's until it is kept again. */
  take(id: UploadId, offsetBytes: number, algorithm: Algorithm): RunningHash | undefined {
    const kept = this.#kept.get(id);
    if (!kept) return undefined;
    this.#kept.delete(id);
    if (kept.hash.alive && kept.offsetBytes === offsetBytes && kept.algorithm === algorithm) return kept.hash;
    kept.hash.drop();
    return undefined;
  }

  drop(id: UploadId): void {
    const kept = this.#kept.get(id);
    this.#kept.delete(id);
    kept?.hash.drop();
  }
}
