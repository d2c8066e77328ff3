import { statement } from '../statement.ts';
import { each, row, run, type Work } from '../step.ts';
import type { ChangeDetail, CommandArgs, CommandResult } from '../types.ts';
import { endBindings } from './auth-bindings.ts';
import { endCredentials } from './auth-revoke.ts';
import { raiseAuthVersion } from './auth-version.ts';
import { recordEvent } from './record-event.ts';

// The owner cannot go away before the key is there.
const shareOwner = statement<{ name: string }>()((q, p) =>
  q.selectFrom('users').select('name').where('name', '=', p.name).forShare(),
);

const insertKey = statement<{
  name: string;
  hash: string;
  owner: string | null;
  repositories: string;
  actions: string;
  nowMs: number;
  expiresMs: number | null;
}>()((q, p) =>
  q
    .insertInto('api_keys')
    .values({
      name: p.name,
      hash: p.hash,
      owner: p.owner,
      repositories: p.repositories,
      actions: p.actions,
      created_ms: p.nowMs,
      expires_ms: p.expiresMs,
    })
    .onConflict((oc) => oc.column('name').doNothing())
    .returning('name'),
);

const lockKey = statement<{ name: string }>()((q, p) =>
  q.selectFrom('api_keys').select(['repositories', 'actions', 'expires_ms']).where('name', '=', p.name).forUpdate(),
);

const changeKey = statement<{ name: string; repositories: string; actions: string; expiresMs: number | null }>()(
  (q, p) =>
    q
      .updateTable('api_keys')
      .set({ repositories: p.repositories, actions: p.actions, expires_ms: p.expiresMs })
      .where('name', '=', p.name),
);

const dropKey = statement<{ name: string }>()((q, p) =>
  q.deleteFrom('api_keys').where('name', '=', p.name).returning('name'),
);

const noteKeyUse = statement<{ name: string; timeMs: number }>()((q, p) =>
  q.updateTable('api_keys').set({ used_ms: p.timeMs }).where('name', '=', p.name),
);

export function* createKey(args: CommandArgs<'createKey'>): Work<CommandResult<'createKey'>> {
  const { name, hash, owner, repositories, actions, expiresMs, nowMs } = args;
  if (owner !== undefined && !(yield* row(shareOwner, { name: owner }))) return { kind: 'ownerAbsent' };
  const made = yield* row(insertKey, {
    name,
    hash,
    owner: owner ?? null,
    repositories: JSON.stringify(repositories),
    actions: JSON.stringify(actions),
    nowMs,
    expiresMs: expiresMs ?? null,
  });
  if (!made) return { kind: 'exists' };
  yield* recordEvent(args, { action: 'key.create', name, detail: detailOf(args) });
  yield* raiseAuthVersion();
  return { kind: 'created' };
}

export function* updateKey(args: CommandArgs<'updateKey'>): Work<CommandResult<'updateKey'>> {
  const { name, repositories, actions, expiresMs } = args;
  const before = yield* row(lockKey, { name });
  if (!before) return { kind: 'absent' };
  yield* run(changeKey, {
    name,
    repositories: repositories ? JSON.stringify(repositories) : before.repositories,
    actions: actions ? JSON.stringify(actions) : before.actions,
    expiresMs: expiresMs === undefined ? before.expires_ms : expiresMs,
  });
  yield* recordEvent(args, { action: 'key.update', name, detail: detailOf(args) });
  yield* raiseAuthVersion();
  return { kind: 'updated' };
}

type Told = Omit<CommandArgs<'updateKey'>, 'name'> & { readonly owner?: string | undefined };

function detailOf({ owner, repositories, actions, expiresMs }: Told): ChangeDetail {
  return {
    ...(owner !== undefined && { owner }),
    ...(repositories && { repositories }),
    ...(actions && { actions }),
    ...(expiresMs !== undefined && { expires: expiresMs === null ? 'never' : new Date(expiresMs).toISOString() }),
  };
}

export function* deleteKey(args: CommandArgs<'deleteKey'>): Work<CommandResult<'deleteKey'>> {
  const { name } = args;
  if (!(yield* row(dropKey, { name }))) return { kind: 'absent' };
  yield* endCredentials(`key:${name}`);
  yield* endBindings(args, `key:${name}`);
  yield* recordEvent(args, { action: 'key.delete', name });
  yield* raiseAuthVersion();
  return { kind: 'deleted' };
}

export function* noteKeyUses({ uses }: CommandArgs<'noteKeyUses'>): Work<void> {
  yield* each(noteKeyUse, uses);
}
