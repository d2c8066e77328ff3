import type { Left } from './remove-each.ts';
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
   * Makes what was written last, and gives the state from which to grow on: on stable storage, and from any process, if
   * `sync`; else at least in this process, for the publishing that follows.
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
  /**
   * Removes each, and begins nothing any more when no time is left: for backends that do it cheaper than `remove`, which
   * keeps things away after a power cut too. What may still be there, each with the reason.
   */
  removeAll?(keys: readonly Key[], leftMs: () => number): Promise<readonly Left<Key>[]>;
  /** Everything below a folder key, in no order. */
  list(prefix: Key): AsyncIterable<Entry>;
  /** The keys of the same, from backends that would have to look at each object to say more of it. */
  keys?(prefix: Key): AsyncIterable<Pick<Entry, 'key'>>;
}

/** Where a growing object is to be published, as far as that is known when it begins. */
export interface Destination {
  readonly key: Key;
  readonly sizeBytes: number;
}

/** Objects in the making. */
export interface Staging {
  /**
   * Goes on with a growing object at `offsetBytes` (0: from nothing); bytes past it are discarded. With a destination,
   * it may grow where it is to be published, unseen; then it can only be published, and nothing else be done with it.
   */
  grow(key: Key, offsetBytes: number, state?: string, destination?: Destination): Promise<Growing>;
  /** Reads a growing object's first `sizeBytes` bytes. */
  open(key: Key, sizeBytes: number, state?: string): Promise<Content | undefined>;
  /**
   * Makes the first `sizeBytes` bytes of a growing object visible under another key, on stable storage when it resolves.
   * The source stays. What is there already is replaced at one stroke; it may stay where the backend vouches for its
   * bytes, unless it is to be replaced whatever it is.
   */
  publish(from: Key, to: Key, sizeBytes: number, state?: string, replace?: boolean): Promise<void>;
  /**
   * Sees to it that what an earlier holder of the growing object still writes does not reach its first `sizeBytes`
   * bytes. For backends where it otherwise would.
   */
  detach?(key: Key, sizeBytes: number): Promise<void>;
  /** Gives up a growing object, whatever is left of it. */
  discard(key: Key, state?: string): Promise<void>;
  /**
   * Removes what grew at a destination and was left there unpublished, with nothing written since `beforeMs`; how many.
   * For backends where such things are: they are below no key that is listed.
   */
  sweep?(beforeMs: number): Promise<number>;
}

/** Reading without this process in between. */
export interface Presigns {
  /** A URL by which whoever has it reads the object, for so long. Says nothing about whether there is one. */
  presign(key: Key, seconds: number): Promise<URL>;
}

/** For backends that can run full: how much room there is, and some of it held back. */
export interface Space {
  /** `reservedBytes` are held back now, and not free. */
  free(): Promise<{ readonly freeBytes: number; readonly totalBytes: number; readonly reservedBytes: number }>;
  /** Holds so much room back, where that is not done already; a StorageError where there is no room for it. */
  keepReserve(sizeBytes: number): Promise<void>;
  /** Gives what was held back to whoever writes next. False where there was nothing. */
  releaseReserve(): Promise<boolean>;
}

/** The few things a backend does. Everything else about storage is written once above it. */
export interface Driver {
  readonly name: string;
  readonly objects: Objects;
  readonly staging: Staging;
  /** For backends that clients can reach themselves, where they are meant to. */
  readonly presigns?: Presigns;
  readonly space?: Space;
  /** Resolves where objects can be read and written just now; throws a StorageError otherwise. */
  check(): Promise<void>;
  close(): Promise<void>;
}
