import type { Digest } from '../../../pkg/oci/index.ts';

/** A request that changes nothing. */
export interface Read {
  readonly method: 'GET' | 'HEAD';
  /** With the query: `/v2/a/b/tags/list?n=100`. */
  readonly path: string;
  /** Whose content it is; undefined for what is of no repository. */
  readonly repository?: string;
  readonly accept?: string;
}

/** An image that a registry has. */
export interface HeldImage {
  readonly repository: string;
  readonly tag: string;
  /** Config and layers. */
  readonly blobs: readonly Digest[];
}

/** How a blob is uploaded: POST and PUT; POST, one PATCH of unknown length and PUT; POST, PATCHes of chunks and PUT. */
export type UploadWay = 'monolithic' | 'streamed' | 'chunked';

/** What a generator does over and over, as plain data: it goes to other processes. */
export type Work =
  | Readonly<{ kind: 'read'; reads: readonly Read[] }>
  /** The manifest by its tag, then config and layers. */
  | Readonly<{ kind: 'pull'; images: readonly HeldImage[] }>
  | Readonly<{ kind: 'upload'; repository: string; sizeBytes: number; way: UploadWay; chunkBytes: number }>
  /** Config and layers, each with a question before whether it is there; then the manifest, under a tag of its own. */
  | Readonly<{ kind: 'push'; repository: string; layers: number; layerBytes: number }>
  /** One manifest that is there already, each time under another tag. */
  | Readonly<{ kind: 'tag'; repository: string; mediaType: string; manifest: string }>
  /** Each time another blob of `from`, or into another repository. */
  | Readonly<{ kind: 'mount'; from: string; into: string; digests: readonly Digest[] }>
  /** Each time one of these, as often as its share says. */
  | Readonly<{ kind: 'mix'; parts: readonly Readonly<{ share: number; work: Work }>[] }>;

export type WorkOf<Kind extends Work['kind']> = Extract<Work, { kind: Kind }>;
