import { statement } from '../statement.ts';
import { row, run, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';
import { endInvitations } from './auth-revoke.ts';
import { updateUser } from './auth-users.ts';
import { recordEvent } from './record-event.ts';

const shareUser = statement<{ name: string }>()((q, p) =>
  q.selectFrom('users').select('name').where('name', '=', p.name).forShare(),
);

const insertInvitation = statement<{ hash: string; name: string; expiresMs: number }>()((q, p) =>
  q.insertInto('invitations').values({ hash: p.hash, user_name: p.name, expires_ms: p.expiresMs }),
);

const useInvitation = statement<{ hash: string }>()((q, p) =>
  q.deleteFrom('invitations').where('hash', '=', p.hash).returning(['user_name as name', 'expires_ms as expiresMs']),
);

/** In place of the links that the user had before. */
export function* inviteUser(args: CommandArgs<'inviteUser'>): Work<CommandResult<'inviteUser'>> {
  const { name, hash, expiresMs } = args;
  if (!(yield* row(shareUser, { name }))) return { kind: 'absent' };
  yield* endInvitations(name);
  yield* run(insertInvitation, { hash, name, expiresMs });
  yield* recordEvent(args, { action: 'user.update', name, detail: { invited: true } });
  return { kind: 'invited' };
}

export function* acceptInvitation(args: CommandArgs<'acceptInvitation'>): Work<string | undefined> {
  const { hash, password, by, nowMs } = args;
  const used = yield* row(useInvitation, { hash });
  if (!used || used.expiresMs <= nowMs) return undefined;
  // Whoever has the link is the user.
  yield* updateUser({ by: { ...by, principal: `user:${used.name}` }, nowMs, name: used.name, password });
  return used.name;
}
