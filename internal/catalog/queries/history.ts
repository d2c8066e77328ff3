import { sql } from 'kysely';
import type { Digest, RepositoryName, Tag } from '../../../pkg/oci/index.ts';
import { idOf } from '../repository-id.ts';
import { statement } from '../statement.ts';
import { row, rows, type Work } from '../step.ts';
import type { DeletedManifest, PageOf, TagMove } from '../types.ts';
import { placeOf, rowsOf } from './page.ts';
import { toMove } from './tags.ts';

// The condition on the action is spelled as in the index that serves it.
const moveUntil = statement<{ repository: RepositoryName; tag: Tag; atMs: number }>()((q, p) =>
  q
    .selectFrom('changes')
    .select(['id', 'time_ms', 'from_digest', 'to_digest', 'principal', 'address', 'request_id'])
    .where('repository', '=', p.repository)
    .where('name', '=', p.tag)
    .where(sql<boolean>`action in ('tag.put', 'tag.delete')`)
    .where('time_ms', '<=', p.atMs)
    .orderBy('id', 'desc')
    .limit((eb) => eb.lit(1)),
);

const deletedManifest = statement<{ repository: RepositoryName; digest: Digest }>()((q, p) =>
  q
    .selectFrom('deleted_manifests')
    .select(['digest', 'media_type as mediaType', 'size_bytes as sizeBytes', 'deleted_ms as deletedMs'])
    .where('repository_id', '=', idOf(q, p.repository))
    .where('digest', '=', p.digest),
);

const deletedAfter = statement<{ repository: RepositoryName; after: string; limit: number }>()((q, p) =>
  q
    .selectFrom('deleted_manifests')
    .select(['digest', 'media_type as mediaType', 'size_bytes as sizeBytes', 'deleted_ms as deletedMs'])
    .where('repository_id', '=', idOf(q, p.repository))
    .where('digest', '>', p.after as Digest)
    .orderBy('digest')
    .limit(p.limit),
);

export function* findTagMove(repository: RepositoryName, tag: Tag, atMs: number): Work<TagMove | undefined> {
  const found = yield* row(moveUntil, { repository, tag, atMs });
  return found && toMove(found);
}

export function* findDeletedManifest(repository: RepositoryName, digest: Digest): Work<DeletedManifest | undefined> {
  return yield* row(deletedManifest, { repository, digest });
}

export function* listDeletedManifests(
  repository: RepositoryName,
  page: PageOf<string>,
): Work<readonly DeletedManifest[]> {
  return yield* rows(deletedAfter, { repository, after: placeOf(page), limit: rowsOf(page) });
}
