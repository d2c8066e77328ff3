import { statement } from '../statement.ts';
import { row, run, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';
import { endBindings } from './auth-bindings.ts';
import { raiseAuthVersion } from './auth-version.ts';
import { recordEvent } from './record-event.ts';

const storeRule = statement<{ name: string; document: string; nowMs: number }>()((q, p) =>
  q
    .insertInto('workload_rules')
    .values({ name: p.name, document: p.document, changed_ms: p.nowMs })
    .onConflict((oc) =>
      oc.column('name').doUpdateSet((eb) => ({
        document: eb.ref('excluded.document'),
        changed_ms: eb.ref('excluded.changed_ms'),
      })),
    ),
);

const dropRule = statement<{ name: string }>()((q, p) =>
  q.deleteFrom('workload_rules').where('name', '=', p.name).returning('name'),
);

export function* putWorkloadRule(args: CommandArgs<'putWorkloadRule'>): Work<void> {
  const { name, document, nowMs } = args;
  yield* run(storeRule, { name, document, nowMs });
  yield* recordEvent(args, { action: 'workload.put', name });
  yield* raiseAuthVersion();
}

export function* deleteWorkloadRule(
  args: CommandArgs<'deleteWorkloadRule'>,
): Work<CommandResult<'deleteWorkloadRule'>> {
  const { name } = args;
  if (!(yield* row(dropRule, { name }))) return { kind: 'absent' };
  yield* endBindings(args, `workload:${name}`);
  yield* recordEvent(args, { action: 'workload.delete', name });
  yield* raiseAuthVersion();
  return { kind: 'deleted' };
}
