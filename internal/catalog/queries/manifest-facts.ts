import type { Digest, RepositoryName } from '../../../pkg/oci/index.ts';
import { findRepository } from '../repository-id.ts';
import { statement } from '../statement.ts';
import { rows, type Work } from '../step.ts';
import type { ManifestFacts, PageOf } from '../types.ts';
import { rowsOf } from './page.ts';

type Range = { readonly repository: number; readonly after: string; readonly last: string };

const manifestsAfter = statement<{ repository: number; after: string; limit: number }>()((q, p) =>
  q
    .selectFrom('manifests')
    .select(['digest', 'media_type as mediaType', 'size_bytes as sizeBytes', 'pushed_ms as pushedMs'])
    .select(['artifact_type as artifactType', 'subject', 'annotations'])
    .where('repository_id', '=', p.repository)
    .where('digest', '>', p.after as Digest)
    .orderBy('digest')
    .limit(p.limit),
);

const blobsWithin = statement<Range>()((q, p) =>
  q
    .selectFrom('manifest_blobs')
    .leftJoin('repository_blobs', (join) =>
      join
        .onRef('repository_blobs.repository_id', '=', 'manifest_blobs.repository_id')
        .onRef('repository_blobs.digest', '=', 'manifest_blobs.digest'),
    )
    .select(['manifest_blobs.manifest', 'manifest_blobs.digest', 'repository_blobs.since_ms as sinceMs'])
    .where('manifest_blobs.repository_id', '=', p.repository)
    .where('manifest_blobs.manifest', '>', p.after as Digest)
    .where('manifest_blobs.manifest', '<=', p.last as Digest)
    .whereRef('manifest_blobs.manifest', '!=', 'manifest_blobs.digest')
    .orderBy('manifest_blobs.manifest')
    .orderBy('manifest_blobs.digest'),
);

const childrenWithin = statement<Range>()((q, p) =>
  q
    .selectFrom('manifest_children')
    .select(['manifest', 'digest'])
    .where('repository_id', '=', p.repository)
    .where('manifest', '>', p.after as Digest)
    .where('manifest', '<=', p.last as Digest)
    .orderBy('manifest')
    .orderBy('digest'),
);

export function* listManifests(name: RepositoryName, page: PageOf<string>): Work<readonly ManifestFacts[]> {
  const repository = yield* findRepository(name);
  if (repository === undefined) return [];
  const after = page.after ?? '';
  const found = yield* rows(manifestsAfter, { repository, after, limit: rowsOf(page) });
  const last = found.at(-1)?.digest;
  if (last === undefined) return [];
  const blobs = Map.groupBy(yield* rows(blobsWithin, { repository, after, last }), (row) => row.manifest);
  const children = Map.groupBy(yield* rows(childrenWithin, { repository, after, last }), (row) => row.manifest);
  return found.map((row) => ({
    kind: 'manifest',
    repository: name,
    ...row,
    artifactType: row.artifactType ?? undefined,
    subject: row.subject ?? undefined,
    annotations: row.annotations ?? undefined,
    blobs: digestsOf(blobs.get(row.digest)),
    children: digestsOf(children.get(row.digest)),
    unheld: digestsOf(blobs.get(row.digest)?.filter(({ sinceMs }) => sinceMs === null)),
  }));
}

const digestsOf = (named: readonly { readonly digest: Digest }[] = []): readonly Digest[] =>
  named.map(({ digest }) => digest);
