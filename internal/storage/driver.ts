import type { Content } from './types.ts';

declare const brand: unique symbol;
/** A `/`-separated name of stored bytes, made only by `layout.ts`: from parsed values, or for what a driver lists. */
export type Key = string & { readonly [brand]: 'Key' };

export interface Entry {
  readonly key: Key;
  readonly sizeBytes: number;
  /** Milliseconds since 1970. */
  readonly modifiedMs: number;
}

/** An object that grows at its end. One holder at a time: the caller sees to it. */
export interface Growing {
  /** Writes the chunk after what is there; the buffer is the caller's again when it resolves. */
  write(chunk: Uint8Array): Promise<void>;
  /**
   * Makes what was written last (on stable storage if `sync`), and gives the state from which to grow on.
   * To be called once, also after a failed write: it gives the handle back in any case.
   */
  finish(options: { readonly sync: boolean }): Promise<string | undefined>;
}

/** Whole objects under their keys. */
export interface Objects {
  stat(key: Key): Promise<Entry | undefined>;
  open(key: Key): Promise<Content | undefined>;
  /** Keeps the bytes under the key, whole or not at all, in place of what was there; on stable storage when it resolves. */
  put(key: Key, bytes: Uint8Array): Promise<void>;
  remove(key: Key): Promise<void>;
  /** Everything below a folder key, in no order. */
  list(prefix: Key): AsyncIterable<Entry>;
}

/** Objects in the making. */
export interface Staging {
  /** Goes on with a growing object at `offsetBytes` (0: from nothing); bytes past it are discarded. */
  grow(key: Key, offsetBytes: number, state?: string): Promise<Growing>;
  /** Reads a growing object's first `sizeBytes` bytes. */
  open(key: Key, sizeBytes: number, state?: string): Promise<Content | undefined>;
  /**
   * Makes the first `sizeBytes` bytes of a growing object visible under another key, on stable storage when it resolves.
   * The source stays. What is there already stays, unless its size is another: then it is replaced.
   */
  publish(from: Key, to: Key, sizeBytes: number, state?: string): Promise<void>;
  /** Gives up a growing object, whatever is left of it. */
  discard(key: Key, state?: string): Promise<void>;
}

/** The few things a backend does. Everything else about storage is written once above it. */
export interface Driver {
  readonly name: string;
  readonly objects: Objects;
  readonly staging: Staging;
  /** Resolves where objects can be read and written just now; throws a StorageError otherwise. */
  check(): Promise<void>;
  close(): Promise<void>;
}
