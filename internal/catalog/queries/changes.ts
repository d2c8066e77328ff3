import type { Selectable } from 'kysely';
import { statement } from '../statement.ts';
import { row, rows, type Work } from '../step.ts';
import type { Schema } from '../schema.ts';
import type { ChangeRow, LogEntry, PageOf, SealRow } from '../types.ts';
import { rowsOf } from './page.ts';

const changesAfter = statement<{ after: number; limit: number }>()((q, p) =>
  q
    .selectFrom('changes')
    .select(['time_ms', 'action', 'repository', 'name', 'from_digest', 'to_digest'])
    .select(['principal', 'address', 'request_id', 'result', 'detail', 'hash'])
    .select((eb) => eb.ref('sequence').$notNull().as('sequence'))
    .where('sequence', '>', p.after)
    .orderBy('sequence')
    .limit(p.limit),
);

const cursorByName = statement<{ name: string }>()((q, p) =>
  q.selectFrom('cursors').select('sequence').where('name', '=', p.name),
);

export function* listChanges(page: PageOf<number>): Work<readonly ChangeRow[]> {
  const found = yield* rows(changesAfter, { after: page.after ?? 0, limit: rowsOf(page) });
  return found.map((change) => ({ ...toEntry(change), sequence: change.sequence, hash: change.hash ?? undefined }));
}

/** The columns of an entry, as they are read. */
type EntryColumns = Pick<
  Selectable<Schema['changes']>,
  | 'time_ms'
  | 'action'
  | 'repository'
  | 'name'
  | 'from_digest'
  | 'to_digest'
  | 'principal'
  | 'address'
  | 'request_id'
  | 'result'
  | 'detail'
>;

export function toEntry(change: EntryColumns): LogEntry {
  return {
    timeMs: change.time_ms,
    action: change.action,
    repository: change.repository || undefined,
    name: change.name,
    from: change.from_digest ?? undefined,
    to: change.to_digest ?? undefined,
    result: change.result,
    detail: change.detail ?? undefined,
    by: { principal: change.principal, address: change.address, requestId: change.request_id },
  };
}

export function* findCursor(name: string): Work<number> {
  return (yield* row(cursorByName, { name }))?.sequence ?? 0;
}

const sealsAfter = statement<{ after: number; limit: number }>()((q, p) =>
  q
    .selectFrom('seals')
    .select(['first_sequence as first', 'last_sequence as last', 'hash'])
    .where('last_sequence', '>', p.after)
    .orderBy('last_sequence')
    .limit(p.limit),
);

const unsealedCount = statement<{}>()((q) =>
  q
    .selectFrom('changes')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('sequence', 'is', null),
);

export function* listSeals(page: PageOf<number>): Work<readonly SealRow[]> {
  return yield* rows(sealsAfter, { after: page.after ?? 0, limit: rowsOf(page) });
}

export function* countUnsealed(): Work<number> {
  return (yield* row(unsealedCount, {}))?.count ?? 0;
}
