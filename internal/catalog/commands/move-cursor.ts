import { statement } from '../statement.ts';
import { run, type Work } from '../step.ts';
import type { CommandArgs } from '../types.ts';

const advance = statement<{ name: string; sequence: number }>()((q, p) =>
  q
    .insertInto('cursors')
    .values({ name: p.name, sequence: p.sequence })
    .onConflict((oc) =>
      oc
        .column('name')
        .doUpdateSet((eb) => ({ sequence: eb.ref('excluded.sequence') }))
        .whereRef('cursors.sequence', '<', 'excluded.sequence'),
    ),
);

export function* moveCursor({ name, sequence }: CommandArgs<'moveCursor'>): Work<void> {
  yield* run(advance, { name, sequence });
}
