import type { Algorithm, Descriptor, Digest } from '../oci/index.ts';

/** How to say who we are: a name and password (or access token), or a bearer token that the registry itself takes. */
export type Credentials =
  Readonly<{ kind: 'password'; username: string; password: string }> | Readonly<{ kind: 'bearer'; token: string }>;

export interface ClientOptions {
  /** Scheme, host and port of the registry: `http://localhost:5000`. */
  readonly url: string;
  /** Sent to this registry only, and only when it asks; see `authHosts`. */
  readonly credentials?: Credentials;
  /**
   * Hosts (`auth.example.com`, `10.0.0.1:5001`) of token services that may be sent the credentials as well. The registry
   * chooses where tokens come from, so a host that is not listed is asked for a token without credentials.
   */
  readonly authHosts?: readonly string[];
  readonly userAgent?: string;
  /** The way out; built-in fetch where it is not given. */
  readonly fetch?: typeof fetch;
  /** Waits before a retry; tests pass one that does not. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Milliseconds since 1970, for the lifetime of tokens. */
  readonly clock?: () => number;
  /** How often a request that was answered with 429 or 503 is tried again: 3 where it is not given. */
  readonly maxRetries?: number;
  /** The longest `Retry-After` that is waited for; a longer one is a failure at once. 30 s where it is not given. */
  readonly maxWaitMs?: number;
}

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What is known of stored content. */
export interface BlobInfo {
  readonly digest: Digest;
  readonly size: number;
}

export interface ManifestInfo extends BlobInfo {
  readonly mediaType: string;
}

export interface FetchedManifest extends ManifestInfo {
  /** As the registry keeps them; they hash to `digest`. */
  readonly bytes: Uint8Array;
}

export interface PutManifest {
  readonly digest: Digest;
  /** What the registry processed as subject; where a manifest has one and this is undefined, it knows no referrers API. */
  readonly subject: string | undefined;
}

/** Repository names, tags and digests are checked before anything is sent: OciError NAME_INVALID and so on. */
export interface ManifestClient {
  /** Undefined where there is no such manifest or repository. */
  headManifest(repository: string, reference: string, options?: RequestOptions): Promise<ManifestInfo | undefined>;
  /** The manifest, verified against its digest; at most 16 MiB. */
  getManifest(repository: string, reference: string, options?: RequestOptions): Promise<FetchedManifest>;
  /** Puts the very bytes under a tag or their digest, and under each of `tags`. */
  putManifest(
    repository: string,
    reference: string,
    manifest: Readonly<{ bytes: Uint8Array; mediaType: string; tags?: readonly string[] }>,
    options?: RequestOptions,
  ): Promise<PutManifest>;
  /** Removes a manifest and every tag that points at it. */
  deleteManifest(repository: string, digest: string, options?: RequestOptions): Promise<void>;
  deleteTag(repository: string, tag: string, options?: RequestOptions): Promise<void>;
}

/** A part of a blob: bytes `start` to `end`, both inclusive; to the last one where `end` is not given. */
export interface BlobRange {
  readonly start: number;
  readonly end?: number;
}

/** A blob on its way. Read it to the end or cancel it. */
export interface BlobContent extends AsyncIterable<Uint8Array> {
  /** How many bytes come, where the registry said so. */
  readonly size: number | undefined;
  /** Gives the connection back without reading on. */
  cancel(): Promise<void>;
}

/**
 * What is pushed. Bytes and functions can be sent again (after a 401, a 503 or a redirect), a bare iterable only once.
 * A chunk must stay as it is after the next one was asked for.
 */
export type BlobSource = Uint8Array | AsyncIterable<Uint8Array> | (() => AsyncIterable<Uint8Array>);

export interface PushOptions extends RequestOptions {
  /** What is at the registry already is not sent again. Where the size is known too, the rest goes in one request. */
  readonly digest?: string;
  readonly size?: number;
  /** A repository of this registry that may hold the blob: mounted from there if so. Needs `digest`. */
  readonly from?: string;
  /** For a digest that is not known yet; sha256 where it is not given. */
  readonly algorithm?: Algorithm;
  /** Sends chunks of this size, each held in memory until it has arrived. Without it that is 8 MiB, where digest or size are missing. */
  readonly chunkBytes?: number;
}

export interface BlobClient {
  /** Undefined where the repository has no such blob. */
  headBlob(repository: string, digest: string, options?: RequestOptions): Promise<BlobInfo | undefined>;
  /**
   * Streams a blob. Reading throws ClientError `corrupt` at the end where digest or size (if given) differ;
   * of a range only the length can be verified.
   */
  getBlob(
    repository: string,
    digest: string,
    options?: RequestOptions & Readonly<{ size?: number; range?: BlobRange }>,
  ): Promise<BlobContent>;
  /** A small blob as a whole, verified; more than `limit` bytes (16 MiB where it is not given) are a failure. */
  readBlob(
    repository: string,
    digest: string,
    options?: RequestOptions & Readonly<{ limit?: number }>,
  ): Promise<Uint8Array>;
  /** Pushes content; an upload that fails is cancelled. */
  pushBlob(repository: string, content: BlobSource, options?: PushOptions): Promise<BlobInfo>;
  /** False where the registry did not mount: there is no such blob, or it may not be seen. */
  mountBlob(repository: string, digest: string, from?: string, options?: RequestOptions): Promise<boolean>;
  deleteBlob(repository: string, digest: string, options?: RequestOptions): Promise<void>;
}

export interface PageOptions extends RequestOptions {
  /** How many to ask for at once; the registry's own choice where it is not given. */
  readonly pageSize?: number;
  /** Starts behind this one. */
  readonly last?: string;
}

/** Lists that fetch the next page when it is asked for. Links to other origins are refused. */
export interface ListClient {
  listTags(repository: string, options?: PageOptions): AsyncIterable<string>;
  listRepositories(options?: PageOptions): AsyncIterable<string>;
  /** What refers to a manifest; from the tag that stands in for the referrers API where the registry has none. */
  listReferrers(
    repository: string,
    digest: string,
    options?: RequestOptions & Readonly<{ artifactType?: string }>,
  ): AsyncIterable<Descriptor>;
}

/** A registry, as its clients see it. Methods that fail throw ClientError, or the reason of the signal that ended them. */
export interface Client extends ManifestClient, BlobClient, ListClient {
  /** Resolves where this is a registry that lets us in: a login that can be tried. */
  ping(options?: RequestOptions): Promise<void>;
}
