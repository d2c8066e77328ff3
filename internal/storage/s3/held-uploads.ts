import type { Key } from '../driver.ts';

interface Held {
  readonly bytes: Uint8Array;
  readonly sinceMs: number;
}

/** Whoever holds bytes means to publish them at once; after so long it has failed to. */
const FORGOTTEN_MS = 60_000;

/**
 * Small uploads that are about to be published, in memory: they go to their place with one call, and nothing of them
 * needs to be removed afterwards. Bounded: what finds no room is stored as a piece instead.
 */
export class HeldUploads {
  readonly #limitBytes: number;
  readonly #clock: () => number;
  /** The oldest first. */
  readonly #held = new Map<Key, Held>();
  #totalBytes = 0;

  constructor(limitBytes: number, clock: () => number) {
    this.#limitBytes = limitBytes;
    this.#clock = clock;
  }

  /** False where there is no room. The bytes are kept as they are, not copied. */
  keep(key: Key, bytes: Uint8Array): boolean {
    this.drop(key);
    for (const [oldest, { sinceMs }] of this.#held) {
      if (this.#clock() - sinceMs < FORGOTTEN_MS) break;
      this.drop(oldest);
    }
    if (this.#totalBytes + bytes.length > this.#limitBytes) return false;
    this.#held.set(key, { bytes, sinceMs: this.#clock() });
    this.#totalBytes += bytes.length;
    return true;
  }

  find(key: Key): Uint8Array | undefined {
    return this.#held.get(key)?.bytes;
  }

  drop(key: Key): void {
    this.#totalBytes -= this.#held.get(key)?.bytes.length ?? 0;
    this.#held.delete(key);
  }
}
