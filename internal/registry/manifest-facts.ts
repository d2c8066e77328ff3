import type { Descriptor, Digest, Manifest } from '../../pkg/oci/index.ts';

/** What the catalog keeps of a manifest: all of it follows from its bytes and media type. */
export interface ManifestFacts {
  readonly artifactType: string | undefined;
  readonly subject: Digest | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  /** Config and layers that must be in the repository, each once for each size that the manifest gives it. */
  readonly blobs: readonly { readonly digest: Digest; readonly sizeBytes: number }[];
  /** Layers that are fetched elsewhere (`urls`): they may be missing. */
  readonly foreign: readonly Digest[];
  /** Manifests that an index names; they may be missing. */
  readonly children: readonly Digest[];
}

export function factsOf(manifest: Manifest): ManifestFacts {
  const all = [...(manifest.config ? [manifest.config] : []), ...manifest.layers];
  const isForeign = (blob: Descriptor): boolean => (blob.urls?.length ?? 0) > 0;
  const required = new Map(all.filter((blob) => !isForeign(blob)).map((blob) => [`${blob.digest} ${blob.size}`, blob]));
  return {
    artifactType: manifest.artifactType,
    subject: manifest.subject?.digest,
    annotations: manifest.annotations,
    blobs: [...required.values()].map(({ digest, size }) => ({ digest, sizeBytes: size })),
    foreign: all.filter(isForeign).map(({ digest }) => digest),
    children: manifest.manifests.map(({ digest }) => digest),
  };
}
