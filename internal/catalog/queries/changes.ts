import { statement } from '../statement.ts';
import { row, rows, type Work } from '../step.ts';
import type { ChangeRow, PageOf } from '../types.ts';
import { rowsOf } from './page.ts';

const changesAfter = statement<{ after: number; limit: number }>()((q, p) =>
  q
    .selectFrom('changes')
    .select(['time_ms', 'action', 'repository', 'name', 'from_digest', 'to_digest'])
    .select(['principal', 'address', 'request_id', 'result', 'detail'])
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
  return found.map((change) => ({
    sequence: change.sequence,
    timeMs: change.time_ms,
    action: change.action,
    repository: change.repository || undefined,
    name: change.name,
    from: change.from_digest ?? undefined,
    to: change.to_digest ?? undefined,
    result: change.result,
    detail: change.detail ?? undefined,
    by: { principal: change.principal, address: change.address, requestId: change.request_id },
  }));
}

export function* findCursor(name: string): Work<number> {
  return (yield* row(cursorByName, { name }))?.sequence ?? 0;
}
