import type { BindingRow } from '../auth-rows.ts';
import { statement } from '../statement.ts';
import { row, rows, run, type Work } from '../step.ts';
import type { By, CommandArgs, CommandResult } from '../types.ts';
import { raiseAuthVersion } from './auth-version.ts';
import { recordEvent } from './record-event.ts';

const insertBinding = statement<{ subject: string; role: string; pattern: string }>()((q, p) =>
  q
    .insertInto('bindings')
    .values({ subject: p.subject, role: p.role, pattern: p.pattern })
    .onConflict((oc) => oc.columns(['subject', 'role', 'pattern']).doNothing())
    .returning('subject'),
);

const dropBinding = statement<{ subject: string; role: string; pattern: string }>()((q, p) =>
  q
    .deleteFrom('bindings')
    .where('subject', '=', p.subject)
    .where('role', '=', p.role)
    .where('pattern', '=', p.pattern)
    .returning('subject'),
);

const bindingsOf = statement<{ subject: string }>()((q, p) =>
  q
    .selectFrom('bindings')
    .select(['role', 'pattern'])
    .where('subject', '=', p.subject)
    .orderBy('role')
    .orderBy('pattern'),
);

const dropBindingsOf = statement<{ subject: string }>()((q, p) =>
  q.deleteFrom('bindings').where('subject', '=', p.subject),
);

// Whoever deletes the role waits until the binding is there, and then sees it.
const shareRole = statement<{ name: string }>()((q, p) =>
  q.selectFrom('roles').select('name').where('name', '=', p.name).forShare(),
);

const lockRole = statement<{ name: string }>()((q, p) =>
  q.selectFrom('roles').select('name').where('name', '=', p.name).forUpdate(),
);

const storeRole = statement<{ name: string; actions: string }>()((q, p) =>
  q
    .insertInto('roles')
    .values({ name: p.name, actions: p.actions })
    .onConflict((oc) => oc.column('name').doUpdateSet((eb) => ({ actions: eb.ref('excluded.actions') }))),
);

const dropRole = statement<{ name: string }>()((q, p) => q.deleteFrom('roles').where('name', '=', p.name));

const boundBy = statement<{ role: string }>()((q, p) =>
  q
    .selectFrom('bindings')
    .select('subject')
    .where('role', '=', p.role)
    .orderBy('subject')
    .limit((eb) => eb.lit(1)),
);

const wordsOf = ({ subject, role, pattern }: BindingRow): string => `${subject} ${role} ${pattern}`;

/** Binds, as part of another change; nothing is logged where it was bound before. */
export function* storeBinding(args: By, { subject, role, pattern }: BindingRow): Work<boolean> {
  const added = yield* row(insertBinding, { subject, role, pattern });
  if (added) yield* recordEvent(args, { action: 'binding.put', name: wordsOf({ subject, role, pattern }) });
  return added !== undefined;
}

/** Takes every binding from a subject that is no more. */
export function* endBindings(args: By, subject: string): Work<void> {
  for (const { role, pattern } of yield* rows(bindingsOf, { subject })) {
    yield* recordEvent(args, { action: 'binding.delete', name: wordsOf({ subject, role, pattern }) });
  }
  yield* run(dropBindingsOf, { subject });
}

export function* putBinding(args: CommandArgs<'putBinding'>): Work<CommandResult<'putBinding'>> {
  const { role, known } = args;
  if (!known.includes(role) && !(yield* row(shareRole, { name: role }))) return { kind: 'roleAbsent' };
  if (yield* storeBinding(args, args)) yield* raiseAuthVersion();
  return { kind: 'stored' };
}

export function* deleteBinding(args: CommandArgs<'deleteBinding'>): Work<CommandResult<'deleteBinding'>> {
  const { subject, role, pattern } = args;
  if (!(yield* row(dropBinding, { subject, role, pattern }))) return { kind: 'absent' };
  yield* recordEvent(args, { action: 'binding.delete', name: wordsOf(args) });
  yield* raiseAuthVersion();
  return { kind: 'deleted' };
}

export function* putRole(args: CommandArgs<'putRole'>): Work<void> {
  const { name, actions } = args;
  yield* run(storeRole, { name, actions: JSON.stringify(actions) });
  yield* recordEvent(args, { action: 'role.put', name, detail: { actions } });
  yield* raiseAuthVersion();
}

export function* deleteRole(args: CommandArgs<'deleteRole'>): Work<CommandResult<'deleteRole'>> {
  const { name } = args;
  if (!(yield* row(lockRole, { name }))) return { kind: 'absent' };
  const bound = yield* row(boundBy, { role: name });
  if (bound) return { kind: 'bound', subject: bound.subject };
  yield* run(dropRole, { name });
  yield* recordEvent(args, { action: 'role.delete', name });
  yield* raiseAuthVersion();
  return { kind: 'deleted' };
}
