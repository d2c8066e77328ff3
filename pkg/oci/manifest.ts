import type { Digest } from './digest.ts';

/** image-spec: descriptor.md. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly urls?: readonly string[];
}

/** What the registry needs to know of a manifest; the bytes stay as they were pushed. */
export interface Manifest {
  readonly kind: 'image' | 'index' | 'other';
  /** Without parameters: what is answered as Content-Type. */
  readonly mediaType: string;
  readonly config?: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  /** The manifest's own `artifactType`, else an image manifest's `config.mediaType` (distribution-spec: Listing Referrers). */
  readonly artifactType?: string;
  readonly annotations: Readonly<Record<string, string>>;
}
