import type { Algorithm, Digest, RepositoryName, Tag, UploadId } from '../../pkg/oci/index.ts';
import type { Space } from './driver.ts';

export type { Space } from './driver.ts';

/** Bytes `start` to `end`, both inclusive, counted from 0. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Stored content that is open for reading. Reading holds at most a few buffers of one bounded pool, whatever the size. */
export interface Content {
  readonly sizeBytes: number;
  /** The bytes of the range, else all. A chunk is valid only until the next one is asked for. Ends early never: a short file throws. */
  read(range?: ByteRange): AsyncIterable<Uint8Array>;
  /** Gives the handle back; to be called once, also after a failed or abandoned read. */
  close(): Promise<void>;
}

/** Blob content by digest; manifest bytes are blobs too. Knows nothing of repositories. */
export interface BlobReader {
  /** Size in bytes, or undefined where there is no such content. */
  stat(digest: Digest): Promise<{ readonly sizeBytes: number } | undefined>;
  open(digest: Digest): Promise<Content | undefined>;
  /** All content, in no order. What comes and goes meanwhile may be in it or not. */
  walk(): AsyncIterable<StoredBlob>;
}

export interface BlobStore extends BlobReader {
  /** Keeps small content whose digest the caller has computed. On stable storage when it resolves (`storage.durability`). */
  put(digest: Digest, bytes: Uint8Array): Promise<void>;
  /** Removes content; nothing happens where there is none. */
  remove(digest: Digest): Promise<void>;
  /**
   * Removes the content of many blobs, and begins nothing any more when no time is left. What may still be there, each
   * with the reason. What was removed may come back with a power cut.
   */
  removeAll(digests: readonly Digest[], leftMs: () => number): Promise<readonly RemainingBlob[]>;
}

/** Content that was to be removed. */
export interface RemainingBlob {
  readonly digest: Digest;
  readonly cause: unknown;
}

export interface StoredBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** Milliseconds since 1970. */
  readonly modifiedMs: number;
}

/** One name of a repository as storage remembers it: an OCI descriptor with the exact name, time and sequence. */
export interface ManifestRecord {
  readonly repository: RepositoryName;
  readonly name: Tag | Digest;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number;
  /** When the name came to point there, milliseconds since 1970. */
  readonly timeMs: number;
  /** The sealed number in the log of changes up to which this record is true. */
  readonly sequence: number;
}

/** The records from which `octoserve rebuild` makes a new catalog. They trail the catalog. */
export interface ManifestStore extends ManifestReader {
  put(record: ManifestRecord): Promise<void>;
  remove(repository: RepositoryName, name: Tag | Digest): Promise<void>;
}

export interface ManifestReader {
  get(repository: RepositoryName, name: Tag | Digest): Promise<ManifestRecord | undefined>;
  /** Every record, in no order. */
  walk(): AsyncIterable<ManifestRecord>;
  /** What there are records of, in no order; none of them is read. */
  names(): AsyncIterable<RecordName>;
}

export type RecordName = Pick<ManifestRecord, 'repository' | 'name'>;

/** How far an upload has come. `state` is opaque text that lets another process go on (S3 parts); a folder needs none. */
export interface UploadPosition {
  readonly offsetBytes: number;
  /** Digest of the first `offsetBytes` bytes in the session's algorithm, where it is known. */
  readonly digest?: Digest;
  readonly state?: string;
  /** All of them, where they are kept nowhere else yet: what `append` was given is so small that it is written once, by `publish`. */
  readonly bytes?: Uint8Array;
}

export interface AppendOptions {
  /** Which digest to compute on the way. */
  readonly algorithm: Algorithm;
  /** What the client announced, if it did: small bodies are hashed in place, large ones in a worker thread. */
  readonly expectedBytes?: number;
  /**
   * The digest under which the caller publishes the upload if it turns out right, and else discards it. With it, a small
   * upload that begins here comes back as the position's `bytes`; and with `expectedBytes` a backend may bring those of
   * a large one straight to their place, unseen.
   */
  readonly destination?: Digest;
  /** True where the position must survive a power cut (a PATCH); false where `publish` follows and syncs anyway. */
  readonly sync: boolean;
  /**
   * True where a writer before this one may still be at it, in whatever process: what it writes from now on does not
   * reach the upload any more.
   */
  readonly apart?: boolean;
  /**
   * Ends the append as broken, at the bytes written so far: what was received and not yet written is dropped,
   * since whoever aborts may have lost the upload to another.
   */
  readonly signal?: AbortSignal;
}

/** What came of an append: a body that breaks off keeps what was written before. */
export type Appended =
  | Readonly<{ kind: 'complete'; position: UploadPosition }>
  | Readonly<{ kind: 'broken'; position: UploadPosition; cause: unknown }>;

/** The bytes of uploads in progress, each under its own id. Who may touch them is decided elsewhere (the session's row). */
export interface UploadManager {
  /**
   * Writes `body` from `from.offsetBytes` on; what lay past that is discarded. Memory is bounded whatever the length.
   * Of two appends to one upload in this process the later one goes on: the earlier fails as `busy`, writing no more.
   * A body that is not read to its end is told so by `return()`, as by `for await`.
   */
  append(
    id: UploadId,
    from: UploadPosition,
    body: AsyncIterable<Uint8Array>,
    options: AppendOptions,
  ): Promise<Appended>;
  /** Digest of the first `from.offsetBytes` bytes in `algorithm`: from `from.digest` or a hash at hand, else read once more. */
  digest(id: UploadId, from: UploadPosition, algorithm: Algorithm): Promise<Digest>;
  /**
   * Puts the first `at.offsetBytes` bytes in their place under `digest`, which the caller has checked, on stable storage.
   * The upload's own copy stays until `discard`, so that it can be published again. Content that is there already is
   * replaced at one stroke, whatever became of it, or stays where the backend itself vouches for it (S3); with `replace`
   * it never stays.
   */
  publish(
    id: UploadId,
    at: UploadPosition,
    digest: Digest,
    options?: { readonly replace?: boolean | undefined },
  ): Promise<void>;
  /** Removes the upload's bytes; nothing happens where there are none. `state` as in the last position. */
  discard(id: UploadId, state?: string): Promise<void>;
  /** Every upload that has bytes here, with the time of its last write in milliseconds since 1970. */
  list(): AsyncIterable<{ readonly id: UploadId; readonly modifiedMs: number }>;
  /**
   * Removes bytes on their way to a destination that no process will publish any more: nothing was written to them
   * since `beforeMs`. They are under no id, and so not in the list. How many uploads that was.
   */
  sweep(beforeMs: number): Promise<number>;
}

/** All of storage, as the rooms above receive it. */
export interface Storage {
  readonly blobs: BlobStore;
  readonly manifests: ManifestStore;
  readonly uploads: UploadManager;
  /**
   * A URL by which a client reads content without this process, for so long; where storage can and is meant to do that
   * (`storage.s3.redirect`). Says nothing about whether there is such content, nor about who may read it.
   */
  readonly presign?: (digest: Digest, seconds: number) => Promise<URL>;
  /** Where storage can run full. */
  readonly space?: Space;
  /** Resolves where storage can be read and written just now; throws a StorageError otherwise. For `/readyz`. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** A storage that is only read. */
export interface StorageReader {
  readonly blobs: BlobReader;
  readonly manifests: ManifestReader;
  close(): Promise<void>;
}

/** Why storage could not: `full` no room, `busy` try again (503), `throttled` less often (429), `broken` anything else. */
export type StorageFailure = 'full' | 'busy' | 'throttled' | 'broken';

export class StorageError extends Error {
  readonly failure: StorageFailure;
  /** Whether the bytes of the upload in question are gone with it, so that nobody can go on with it. */
  readonly lost: boolean;

  constructor(failure: StorageFailure, message: string, cause?: unknown, lost = false) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StorageError';
    this.failure = failure;
    this.lost = lost;
  }
}
