import { statement } from '../statement.ts';
import { each, lock, row, rows, run, type Work } from '../step.ts';
import type { CommandArgs } from '../types.ts';
import { raiseAuthVersion } from './auth-version.ts';
import { recordEvent } from './record-event.ts';

const insertRefreshToken = statement<{
  hash: string;
  subject: string;
  generation: number;
  scope: string | null;
  nowMs: number;
  expiresMs: number;
}>()((q, p) =>
  q
    .insertInto('refresh_tokens')
    .values({
      hash: p.hash,
      subject: p.subject,
      generation: p.generation,
      scope: p.scope,
      created_ms: p.nowMs,
      expires_ms: p.expiresMs,
    })
    // Made up for one answer each: where it is there, this command was run before.
    .onConflict((oc) => oc.column('hash').doNothing()),
);

const dropRefreshToken = statement<{ hash: string; subject: string }>()((q, p) =>
  q.deleteFrom('refresh_tokens').where('hash', '=', p.hash).where('subject', '=', p.subject),
);

const revokeAccess = statement<{ id: string; expiresMs: number }>()((q, p) =>
  q
    .insertInto('revoked_tokens')
    .values({ id: p.id, expires_ms: p.expiresMs })
    .onConflict((oc) => oc.column('id').doNothing()),
);

const oldRefreshTokens = statement<{ nowMs: number; limit: number }>()((q, p) =>
  q
    .selectFrom('refresh_tokens')
    .select('hash as id')
    .where('expires_ms', '<', p.nowMs)
    .orderBy('expires_ms')
    .limit(p.limit),
);

const oldRevokedTokens = statement<{ nowMs: number; limit: number }>()((q, p) =>
  q.selectFrom('revoked_tokens').select('id').where('expires_ms', '<', p.nowMs).orderBy('expires_ms').limit(p.limit),
);

const oldInvitations = statement<{ nowMs: number; limit: number }>()((q, p) =>
  q
    .selectFrom('invitations')
    .select('hash as id')
    .where('expires_ms', '<', p.nowMs)
    .orderBy('expires_ms')
    .limit(p.limit),
);

const forgetRefreshToken = statement<{ id: string }>()((q, p) =>
  q.deleteFrom('refresh_tokens').where('hash', '=', p.id),
);

const forgetRevokedToken = statement<{ id: string }>()((q, p) => q.deleteFrom('revoked_tokens').where('id', '=', p.id));

const forgetInvitation = statement<{ id: string }>()((q, p) => q.deleteFrom('invitations').where('hash', '=', p.id));

const newestKey = statement<{}>()((q) =>
  q
    .selectFrom('signing_keys')
    .select(['kid', 'created_ms'])
    .orderBy('created_ms', 'desc')
    .limit((eb) => eb.lit(1)),
);

const insertSigningKey = statement<{
  kid: string;
  algorithm: string;
  publicJwk: string;
  privateJwk: string;
  createdMs: number;
}>()((q, p) =>
  q.insertInto('signing_keys').values({
    kid: p.kid,
    algorithm: p.algorithm,
    public_jwk: p.publicJwk,
    private_jwk: p.privateJwk,
    created_ms: p.createdMs,
  }),
);

const dropSigningKeys = statement<{ beforeMs: number; newest: string }>()((q, p) =>
  q.deleteFrom('signing_keys').where('created_ms', '<', p.beforeMs).where('kid', '!=', p.newest),
);

export function* addRefreshToken(args: CommandArgs<'addRefreshToken'>): Work<void> {
  const { hash, subject, generation, scope = null, nowMs, expiresMs } = args;
  yield* run(insertRefreshToken, { hash, subject, generation, scope, nowMs, expiresMs });
}

export function* revokeTokens(args: CommandArgs<'revokeTokens'>): Work<void> {
  const { subject, refreshHash, access } = args;
  if (refreshHash !== undefined) yield* run(dropRefreshToken, { hash: refreshHash, subject });
  if (access) yield* run(revokeAccess, { id: access.id, expiresMs: access.expiresMs });
  yield* recordEvent(args, { action: 'token.revoke', name: subject });
  yield* raiseAuthVersion();
}

export function* expireTokens({ nowMs, limit }: CommandArgs<'expireTokens'>): Work<number> {
  const refresh = yield* rows(oldRefreshTokens, { nowMs, limit });
  const revoked = yield* rows(oldRevokedTokens, { nowMs, limit });
  const invitations = yield* rows(oldInvitations, { nowMs, limit });
  yield* each(forgetRefreshToken, refresh);
  yield* each(forgetRevokedToken, revoked);
  yield* each(forgetInvitation, invitations);
  return refresh.length + revoked.length + invitations.length;
}

/** Of several processes that find no key, or an old one, one adds its own: the others wait, and find that one. */
export function* rotateSigningKey(args: CommandArgs<'rotateSigningKey'>): Work<boolean> {
  yield* lock('signing-keys');
  const newest = yield* row(newestKey, {});
  const isDue = newest === undefined || newest.created_ms < args.renewBeforeMs;
  if (isDue) yield* run(insertSigningKey, { ...args.key });
  yield* run(dropSigningKeys, { beforeMs: args.dropBeforeMs, newest: isDue ? args.key.kid : newest.kid });
  if (isDue) yield* raiseAuthVersion();
  return isDue;
}
