import { statement } from '../statement.ts';
import { row, run, type Work } from '../step.ts';
import type { CommandArgs } from '../types.ts';

const takeIfFree = statement<{ name: string; holder: string; nowMs: number; untilMs: number }>()((q, p) =>
  q
    .insertInto('leases')
    .values({ name: p.name, holder: p.holder, until_ms: p.untilMs })
    .onConflict((oc) =>
      oc
        .column('name')
        .doUpdateSet((eb) => ({ holder: eb.ref('excluded.holder'), until_ms: eb.ref('excluded.until_ms') }))
        .where((eb) =>
          eb.or([eb('leases.holder', '=', eb.ref('excluded.holder')), eb('leases.until_ms', '<=', p.nowMs)]),
        ),
    )
    .returning('holder'),
);

const deleteLease = statement<{ name: string; holder: string }>()((q, p) =>
  q.deleteFrom('leases').where('name', '=', p.name).where('holder', '=', p.holder),
);

export function* takeLease(args: CommandArgs<'takeLease'>): Work<boolean> {
  const { name, holder, nowMs, untilMs } = args;
  return (yield* row(takeIfFree, { name, holder, nowMs, untilMs })) !== undefined;
}

export function* dropLease({ name, holder }: CommandArgs<'dropLease'>): Work<void> {
  yield* run(deleteLease, { name, holder });
}
