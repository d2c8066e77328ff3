import type { Digest } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { eachAll, rows, type Work } from '../step.ts';
import type { HurtName, PageOf, QuarantinedBlob } from '../types.ts';
import { rowsOf } from './page.ts';

const quarantineAfter = statement<{ after: string; limit: number }>()((q, p) =>
  q
    .selectFrom('quarantine')
    .select(['quarantine.digest', 'quarantine.problem', 'quarantine.found_ms as foundMs'])
    .select((eb) => {
      const blob = eb.selectFrom('blobs').whereRef('blobs.digest', '=', 'quarantine.digest');
      return [
        blob.select('blobs.size_bytes').$asScalar().$notNull().as('sizeBytes'),
        blob.select('blobs.deleting_ms').as('deletingMs'),
      ];
    })
    .where('quarantine.digest', '>', p.after as Digest)
    .orderBy('quarantine.digest')
    .limit(p.limit),
);

const namedBy = statement<{ digest: Digest; limit: number }>()((q, p) =>
  q
    .selectFrom('manifest_blobs')
    .select(['repository_id as repositoryId', 'manifest'])
    .where('digest', '=', p.digest)
    .orderBy('repository_id')
    .orderBy('manifest')
    .limit(p.limit),
);

const parentsOf = statement<{ repositoryId: number; manifest: Digest; limit: number }>()((q, p) =>
  q
    .selectFrom('manifest_children')
    .select(['repository_id as repositoryId', 'manifest'])
    .where('repository_id', '=', p.repositoryId)
    .where('digest', '=', p.manifest)
    .orderBy('manifest')
    .limit(p.limit),
);

const tagsOf = statement<{ repositoryId: number; manifest: Digest; limit: number }>()((q, p) =>
  q
    .selectFrom('manifests')
    .innerJoin('repositories', 'repositories.id', 'manifests.repository_id')
    .leftJoin('tags', (join) =>
      join.onRef('tags.repository_id', '=', 'manifests.repository_id').onRef('tags.digest', '=', 'manifests.digest'),
    )
    .select(['repositories.name as repository', 'manifests.digest as manifest', 'tags.name as tag'])
    .where('manifests.repository_id', '=', p.repositoryId)
    .where('manifests.digest', '=', p.manifest)
    .limit(p.limit),
);

export function* listQuarantine(page: PageOf<string>): Work<readonly QuarantinedBlob[]> {
  for (let { after = '' } = page; ;) {
    const found = yield* rows(quarantineAfter, { after, limit: rowsOf(page) });
    const kept = found.filter(({ deletingMs }) => deletingMs === null);
    const last = found.at(-1);
    // A page without rows would be taken for the last one.
    if (!last || kept.length > 0) {
      return kept.map(({ digest, sizeBytes, problem, foundMs }) => ({ digest, sizeBytes, problem, foundMs }));
    }
    after = last.digest;
  }
}

/** Indexes of indexes: so far up, deeper nesting is told by its lower part. */
const LEVELS = 3;

export function* listHurt(digest: Digest, most: number): Work<readonly HurtName[]> {
  const limit = rowsOf({ limit: most });
  const hurt = new Map<string, { repositoryId: number; manifest: Digest }>();
  let level = yield* rows(namedBy, { digest, limit });
  for (let depth = 0; depth < LEVELS; depth += 1) {
    const fresh = level.filter(({ repositoryId, manifest }) => !hurt.has(`${repositoryId} ${manifest}`));
    for (const each of fresh) hurt.set(`${each.repositoryId} ${each.manifest}`, each);
    if (fresh.length === 0 || hurt.size >= limit) break;
    level = (yield* eachAll(
      parentsOf,
      fresh.map(({ repositoryId, manifest }) => ({ repositoryId, manifest, limit })),
    )).flat();
  }
  const named = yield* eachAll(
    tagsOf,
    [...hurt.values()].slice(0, limit).map((each) => ({ ...each, limit })),
  );
  return named.flat().map(({ repository, manifest, tag }) => ({ repository, manifest, tag: tag ?? undefined }));
}
