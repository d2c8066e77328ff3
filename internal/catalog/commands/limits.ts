import { statement } from '../statement.ts';
import { each, rows, type Work } from '../step.ts';
import type { CommandArgs } from '../types.ts';
import type { Command } from './command.ts';

const addToCount = statement<{ endsMs: number; key: string; add: number }>()((q, p) =>
  q
    .insertInto('shared_counts')
    .values({ ends_ms: p.endsMs, key: p.key, count: p.add })
    .onConflict((oc) =>
      oc.columns(['ends_ms', 'key']).doUpdateSet((eb) => ({
        count: eb('shared_counts.count', '+', eb.ref('excluded.count')),
      })),
    )
    .returning('count'),
);

const dropCounts = statement<{ beforeMs: number; limit: number }>()((q, p) =>
  q
    .deleteFrom('shared_counts')
    .where((eb) =>
      eb(
        eb.refTuple('ends_ms', 'key'),
        'in',
        eb
          .selectFrom('shared_counts as over')
          .select(['over.ends_ms', 'over.key'])
          .where('over.ends_ms', '<', p.beforeMs)
          .orderBy('over.ends_ms')
          .orderBy('over.key')
          .limit(p.limit)
          .$asTuple('ends_ms', 'key'),
      ),
    )
    .returning('key'),
);

/** Rows are locked in an order that is the same in all processes, so that none waits for one that waits for it. */
function* shareCounts({ shares }: CommandArgs<'shareCounts'>): Work<readonly number[]> {
  const order = shares.map((_, index) => index).toSorted((a, b) => compare(shares[a], shares[b]));
  const found = yield* each(
    addToCount,
    order.flatMap((index) => shares[index] ?? []).map(({ endsMs, key, add }) => ({ endsMs, key, add })),
  );
  const counts = Array<number>(shares.length).fill(0);
  for (const [place, index] of order.entries()) counts[index] = found[place]?.count ?? 0;
  return counts;
}

type Key = { readonly endsMs: number; readonly key: string } | undefined;

function compare(a: Key, b: Key): number {
  if (!a || !b) return 0;
  return a.endsMs - b.endsMs || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

function* expireCounts(args: CommandArgs<'expireCounts'>): Work<number> {
  return (yield* rows(dropCounts, args)).length;
}

export const LIMIT_COMMANDS: { readonly [Name in 'shareCounts' | 'expireCounts']: Command<Name> } = {
  // A share that is lost or counted twice is part of what limits may be off by.
  shareCounts: { run: shareCounts, durable: false, repeatable: true },
  expireCounts: { run: expireCounts, durable: false, repeatable: true },
};
