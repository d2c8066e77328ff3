import { statement } from './statement.ts';
import { row, type Work } from './step.ts';

/** Whoever fills a catalog holds this lease, which never runs out, until it has come to its end. */
export const RESTORE_LEASE = 'restore';

const holderOf = statement<{ name: string }>()((q, p) =>
  q.selectFrom('leases').select('holder').where('name', '=', p.name),
);

/** Who is filling the catalog, or began to. */
export function* findRestore(): Work<string | undefined> {
  return (yield* row(holderOf, { name: RESTORE_LEASE }))?.holder;
}
