import type { Digest, RepositoryName, Tag } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { row, type Work } from '../step.ts';
import type { DamageKind, ManifestRow } from '../types.ts';

const MANIFEST_ROW = [
  'manifests.digest as digest',
  'manifests.media_type as mediaType',
  'manifests.size_bytes as sizeBytes',
  'manifests.pushed_ms as pushedMs',
  'quarantine.problem as damage',
] as const;

const manifestByDigest = statement<{ repository: RepositoryName; digest: Digest }>()((q, p) =>
  q
    .selectFrom('repositories')
    .innerJoin('manifests', 'manifests.repository_id', 'repositories.id')
    .leftJoin('quarantine', 'quarantine.digest', 'manifests.digest')
    .select(MANIFEST_ROW)
    .where('repositories.name', '=', p.repository)
    .where('manifests.digest', '=', p.digest),
);

const manifestByTag = statement<{ repository: RepositoryName; tag: Tag }>()((q, p) =>
  q
    .selectFrom('repositories')
    .innerJoin('tags', 'tags.repository_id', 'repositories.id')
    .innerJoin('manifests', (join) =>
      join.onRef('manifests.repository_id', '=', 'tags.repository_id').onRef('manifests.digest', '=', 'tags.digest'),
    )
    .leftJoin('quarantine', 'quarantine.digest', 'manifests.digest')
    .select(MANIFEST_ROW)
    .where('repositories.name', '=', p.repository)
    .where('tags.name', '=', p.tag),
);

export function* findManifest(repository: RepositoryName, digest: Digest): Work<ManifestRow | undefined> {
  return toRow(yield* row(manifestByDigest, { repository, digest }));
}

export function* findTag(repository: RepositoryName, tag: Tag): Work<ManifestRow | undefined> {
  return toRow(yield* row(manifestByTag, { repository, tag }));
}

/** Field by field, which costs less than a spread: this is the hottest of all reads. */
function toRow(
  found: (Omit<ManifestRow, 'damage'> & { readonly damage: DamageKind | null }) | undefined,
): ManifestRow | undefined {
  if (!found) return undefined;
  const { digest, mediaType, sizeBytes, pushedMs, damage } = found;
  return damage ? { digest, mediaType, sizeBytes, pushedMs, damage } : { digest, mediaType, sizeBytes, pushedMs };
}
