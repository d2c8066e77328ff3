import type { Digest, RepositoryName } from '../../pkg/oci/index.ts';
import type { DumpRow, DumpRowOf } from '../catalog/index.ts';
import type { ManifestFacts } from '../registry/index.ts';

interface Known {
  readonly repository: RepositoryName;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly pushedMs: number;
}

/** The row that a catalog has of a manifest. `foreign`: layers with `urls` that are kept here all the same. */
export function manifestRow(
  { repository, digest, mediaType, sizeBytes, pushedMs }: Known,
  facts: ManifestFacts,
  foreign: readonly Digest[] = [],
): DumpRowOf<'manifest'> {
  const required = facts.blobs.map((blob) => blob.digest);
  return {
    kind: 'manifest',
    repository,
    digest,
    mediaType,
    sizeBytes,
    pushedMs,
    artifactType: facts.artifactType,
    subject: facts.subject,
    annotations: facts.subject === undefined ? undefined : JSON.stringify(facts.annotations),
    blobs: [...new Set([...required, ...foreign])],
    children: [...new Set(facts.children)],
  };
}

/**
 * All rows that a manifest implies: its own, its content's, and that the repository holds its config and layers.
 * Of a foreign layer whose content is here (`foreign`, with its size) it implies that it is kept, and no more: whether
 * the repository ever held it nobody can tell from a manifest, which anybody can write.
 */
export function rowsOfManifest(
  known: Known,
  facts: ManifestFacts,
  foreign: ReadonlyMap<Digest, number>,
  nowMs: number,
): readonly DumpRow[] {
  const sizes = new Map([...foreign, ...facts.blobs.map((blob) => [blob.digest, blob.sizeBytes] as const)]);
  sizes.set(known.digest, known.sizeBytes);
  const { repository } = known;
  return [
    ...[...sizes].map(([digest, sizeBytes]): DumpRow => ({ kind: 'blob', digest, sizeBytes, createdMs: nowMs })),
    ...facts.blobs.map(({ digest }): DumpRow => ({ kind: 'membership', repository, digest, sinceMs: nowMs })),
    manifestRow(known, facts, [...foreign.keys()]),
  ];
}
