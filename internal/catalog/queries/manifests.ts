import type { Digest, RepositoryName, Tag } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { row, type Work } from '../step.ts';
import type { ManifestRow } from '../types.ts';

const MANIFEST_ROW = [
  'manifests.digest as digest',
  'manifests.media_type as mediaType',
  'manifests.size_bytes as sizeBytes',
  'manifests.pushed_ms as pushedMs',
] as const;

const manifestByDigest = statement<{ repository: RepositoryName; digest: Digest }>()((q, p) =>
  q
    .selectFrom('repositories')
    .innerJoin('manifests', 'manifests.repository_id', 'repositories.id')
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
    .select(MANIFEST_ROW)
    .where('repositories.name', '=', p.repository)
    .where('tags.name', '=', p.tag),
);

export function* findManifest(repository: RepositoryName, digest: Digest): Work<ManifestRow | undefined> {
  return yield* row(manifestByDigest, { repository, digest });
}

export function* findTag(repository: RepositoryName, tag: Tag): Work<ManifestRow | undefined> {
  return yield* row(manifestByTag, { repository, tag });
}
