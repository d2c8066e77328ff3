import { hashBatch, hashChange } from '../log-hash.ts';
import { statement } from '../statement.ts';
import { each, lock, row, rows, run, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';

const lastSeal = statement<{}>()((q) =>
  q
    .selectFrom('seals')
    .select(['last_sequence', 'hash'])
    .orderBy('last_sequence', 'desc')
    .limit((eb) => eb.lit(1)),
);

const unsealed = statement<{ limit: number }>()((q, p) =>
  q
    .selectFrom('changes')
    .select(['id', 'time_ms', 'action', 'repository', 'name', 'from_digest', 'to_digest'])
    .select(['principal', 'address', 'request_id', 'result', 'detail'])
    .where('sequence', 'is', null)
    .orderBy('id')
    .limit(p.limit),
);

const giveNumber = statement<{ id: number; sequence: number; hash: string }>()((q, p) =>
  q.updateTable('changes').set({ sequence: p.sequence, hash: p.hash }).where('id', '=', p.id),
);

const insertSeal = statement<{ first: number; last: number; hash: string; nowMs: number }>()((q, p) =>
  q.insertInto('seals').values({ first_sequence: p.first, last_sequence: p.last, hash: p.hash, time_ms: p.nowMs }),
);

/**
 * Numbers are given here and not at insert, since rows of parallel transactions commit in no order of their ids: one
 * that is committed late gets a later number. Of two sealers the second waits, and goes on from the seal of the first.
 */
export function* sealChanges(args: CommandArgs<'sealChanges'>): Work<CommandResult<'sealChanges'>> {
  yield* lock('seals');
  const seal = yield* row(lastSeal, {});
  const before = seal?.last_sequence ?? 0;
  const changes = yield* rows(unsealed, { limit: args.limit });
  if (changes.length === 0) return { sealed: 0, last: before };
  const numbered = changes.map((change, index) => ({ ...change, sequence: before + 1 + index }));
  yield* each(
    giveNumber,
    numbered.map((change) => ({ id: change.id, sequence: change.sequence, hash: hashChange(change) })),
  );
  const last = before + changes.length;
  const hash = hashBatch(seal?.hash ?? '', numbered);
  yield* run(insertSeal, { first: before + 1, last, hash, nowMs: args.nowMs });
  return { sealed: changes.length, last };
}
