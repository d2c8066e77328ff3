import { sql, type Selectable } from 'kysely';
import type { RepositoryName, Tag } from '../../../pkg/oci/index.ts';
import { idOf } from '../repository-id.ts';
import type { Schema } from '../schema.ts';
import { statement } from '../statement.ts';
import { rows, type Work } from '../step.ts';
import type { PageOf, TagMove } from '../types.ts';
import { placeOf, rowsOf } from './page.ts';

const tagsAfter = statement<{ repository: RepositoryName; after: string; limit: number }>()((q, p) =>
  q
    .selectFrom('tags')
    .select('name')
    .where('repository_id', '=', idOf(q, p.repository))
    .where('name', '>', p.after as Tag)
    .orderBy('name')
    .limit(p.limit),
);

// The condition on the action is spelled as in the index that serves it.
const movesBefore = statement<{ repository: RepositoryName; tag: Tag; before: number; limit: number }>()((q, p) =>
  q
    .selectFrom('changes')
    .select(['id', 'time_ms', 'from_digest', 'to_digest', 'principal', 'address', 'request_id'])
    .where('repository', '=', p.repository)
    .where('name', '=', p.tag)
    .where(sql<boolean>`action in ('tag.put', 'tag.delete')`)
    .where('id', '<', p.before)
    .orderBy('id', 'desc')
    .limit(p.limit),
);

export function* listTags(repository: RepositoryName, page: PageOf<string>): Work<readonly Tag[]> {
  const found = yield* rows(tagsAfter, { repository, after: placeOf(page), limit: rowsOf(page) });
  return found.map(({ name }) => name);
}

export function* listTagMoves(repository: RepositoryName, tag: Tag, page: PageOf<number>): Work<readonly TagMove[]> {
  const before = page.after ?? Number.MAX_SAFE_INTEGER;
  const found = yield* rows(movesBefore, { repository, tag, before, limit: rowsOf(page) });
  return found.map(toMove);
}

type MoveColumns = Pick<
  Selectable<Schema['changes']>,
  'id' | 'time_ms' | 'from_digest' | 'to_digest' | 'principal' | 'address' | 'request_id'
>;

export function toMove(change: MoveColumns): TagMove {
  return {
    id: change.id,
    timeMs: change.time_ms,
    from: change.from_digest ?? undefined,
    to: change.to_digest ?? undefined,
    by: { principal: change.principal, address: change.address, requestId: change.request_id },
  };
}
