import { statement } from '../statement.ts';
import { each, row, rows, run, type Work } from '../step.ts';
import type { By, ChangeDetail, CommandArgs, CommandResult } from '../types.ts';
import { endBindings, storeBinding } from './auth-bindings.ts';
import { endCredentials, endInvitations } from './auth-revoke.ts';
import { raiseAuthVersion } from './auth-version.ts';
import { recordEvent } from './record-event.ts';

/** Groups that were given here, and not by a provider. */
const LOCAL = 'local';

const insertUser = statement<{
  name: string;
  password: string | null;
  email: string | null;
  displayName: string | null;
  nowMs: number;
}>()((q, p) =>
  q
    .insertInto('users')
    .values((eb) => ({
      name: p.name,
      password: p.password,
      email: p.email,
      display_name: p.displayName,
      disabled: eb.lit(0),
      generation: p.nowMs,
      created_ms: p.nowMs,
    }))
    .onConflict((oc) => oc.column('name').doNothing())
    .returning('name'),
);

const lockUser = statement<{ name: string }>()((q, p) =>
  q
    .selectFrom('users')
    .select(['password', 'email', 'display_name', 'disabled', 'generation'])
    .where('name', '=', p.name)
    .forUpdate(),
);

const changeUser = statement<{
  name: string;
  password: string | null;
  email: string | null;
  displayName: string | null;
  disabled: number;
  generation: number;
}>()((q, p) =>
  q
    .updateTable('users')
    .set({
      password: p.password,
      email: p.email,
      display_name: p.displayName,
      disabled: p.disabled,
      generation: p.generation,
    })
    .where('name', '=', p.name),
);

const dropUser = statement<{ name: string }>()((q, p) => q.deleteFrom('users').where('name', '=', p.name));

const insertGroup = statement<{ name: string; source: string; group: string }>()((q, p) =>
  q
    .insertInto('user_groups')
    .values({ user_name: p.name, source: p.source, group_name: p.group })
    .onConflict((oc) => oc.columns(['user_name', 'source', 'group_name']).doNothing()),
);

const dropGroups = statement<{ name: string; source: string }>()((q, p) =>
  q.deleteFrom('user_groups').where('user_name', '=', p.name).where('source', '=', p.source),
);

const keysOf = statement<{ name: string }>()((q, p) =>
  q
    .selectFrom('api_keys')
    .select((eb) => eb.ref('name').as('name'))
    .where('owner', '=', p.name)
    .orderBy('name'),
);

const noteSignIn = statement<{ name: string; timeMs: number }>()((q, p) =>
  q.updateTable('users').set({ signed_in_ms: p.timeMs }).where('name', '=', p.name),
);

/** Puts the groups in place of those that the same source told before. */
export function* replaceGroups(name: string, source: string, groups: readonly string[]): Work<void> {
  yield* run(dropGroups, { name, source });
  yield* each(
    insertGroup,
    groups.map((group) => ({ name, source, group })),
  );
}

export function* createUser(args: CommandArgs<'createUser'>): Work<CommandResult<'createUser'>> {
  const { name, password = null, email = null, displayName = null, groups, roles, nowMs } = args;
  if (!(yield* row(insertUser, { name, password, email, displayName, nowMs }))) return { kind: 'exists' };
  yield* replaceGroups(name, LOCAL, groups);
  yield* recordEvent(args, { action: 'user.create', name, ...(groups.length > 0 && { detail: { groups } }) });
  for (const { role, pattern } of roles) yield* storeBinding(args, { subject: `user:${name}`, role, pattern });
  yield* raiseAuthVersion();
  return { kind: 'created' };
}

export function* updateUser(args: CommandArgs<'updateUser'>): Work<CommandResult<'updateUser'>> {
  const { name, password, email, displayName, disabled, groups, nowMs } = args;
  const before = yield* row(lockUser, { name });
  if (!before) return { kind: 'absent' };
  const isDisabled = disabled ?? before.disabled === 1;
  const ends = password !== undefined || (isDisabled && before.disabled === 0);
  yield* run(changeUser, {
    name,
    password: password ?? before.password,
    email: email === undefined ? before.email : email,
    displayName: displayName === undefined ? before.display_name : displayName,
    disabled: isDisabled ? 1 : 0,
    generation: ends ? Math.max(before.generation + 1, nowMs) : before.generation,
  });
  if (ends) yield* endEverythingOf(name);
  if (groups) yield* replaceGroups(name, LOCAL, groups);
  yield* recordEvent(args, { action: 'user.update', name, detail: detailOf(args) });
  yield* raiseAuthVersion();
  return { kind: 'updated' };
}

/** What was changed; of a password only that it was. */
function detailOf({ password, email, displayName, disabled, groups }: CommandArgs<'updateUser'>): ChangeDetail {
  const told = { email, displayName }; // null: taken away
  return {
    ...(password !== undefined && { password: 'changed' }),
    ...(disabled !== undefined && { disabled }),
    ...(groups && { groups }),
    ...Object.fromEntries(
      Object.entries(told).flatMap(([key, value]) => (value === undefined ? [] : [[key, value ?? '']])),
    ),
  };
}

export function* deleteUser(args: CommandArgs<'deleteUser'>): Work<CommandResult<'deleteUser'>> {
  const { name } = args;
  if (!(yield* row(lockUser, { name }))) return { kind: 'absent' };
  const keys = yield* endEverythingOf(name);
  yield* endBindings(args, `user:${name}`);
  for (const key of keys) yield* endKey(args, key);
  yield* run(dropUser, { name }); // keys, groups, identities and invitations go along
  yield* recordEvent(args, { action: 'user.delete', name });
  yield* raiseAuthVersion();
  return { kind: 'deleted' };
}

/** Ends invitations, tokens and uploads of the user and of the user's keys, whose names it gives. */
function* endEverythingOf(name: string): Work<readonly string[]> {
  const keys = (yield* rows(keysOf, { name })).map((key) => key.name);
  yield* endInvitations(name); // whoever has an old link is not to undo this
  for (const subject of [`user:${name}`, ...keys.map((key) => `key:${key}`)]) yield* endCredentials(subject);
  return keys;
}

function* endKey(args: By, name: string): Work<void> {
  yield* endBindings(args, `key:${name}`);
  yield* recordEvent(args, { action: 'key.delete', name });
}

export function* noteSignIns({ signIns }: CommandArgs<'noteSignIns'>): Work<void> {
  yield* each(noteSignIn, signIns);
}
