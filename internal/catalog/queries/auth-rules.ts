import { AUTH_COUNTER } from '../auth-counter.ts';
import type { PolicyRows, RefreshTokenRow, SigningKeyRow } from '../auth-rows.ts';
import { statement } from '../statement.ts';
import { row, rows, type Work } from '../step.ts';

const counterByName = statement<{ name: string }>()((q, p) =>
  q.selectFrom('counters').select('value').where('name', '=', p.name),
);

const allRoles = statement<{}>()((q) => q.selectFrom('roles').select(['name', 'actions']).orderBy('name'));

const allBindings = statement<{}>()((q) =>
  q.selectFrom('bindings').select(['subject', 'role', 'pattern']).orderBy('subject').orderBy('role').orderBy('pattern'),
);

const refreshTokenByHash = statement<{ hash: string }>()((q, p) =>
  q
    .selectFrom('refresh_tokens')
    .select(['subject', 'generation', 'scope', 'expires_ms as expiresMs'])
    .where('hash', '=', p.hash),
);

const revokedById = statement<{ id: string }>()((q, p) =>
  q.selectFrom('revoked_tokens').select('id').where('id', '=', p.id),
);

const allSigningKeys = statement<{}>()((q) =>
  q
    .selectFrom('signing_keys')
    .select(['kid', 'algorithm', 'public_jwk as publicJwk', 'private_jwk as privateJwk', 'created_ms as createdMs'])
    .orderBy('created_ms', 'desc'),
);

const invitationByHash = statement<{ hash: string; nowMs: number }>()((q, p) =>
  q.selectFrom('invitations').select('user_name as name').where('hash', '=', p.hash).where('expires_ms', '>', p.nowMs),
);

export function* authVersion(): Work<number> {
  return (yield* row(counterByName, { name: AUTH_COUNTER }))?.value ?? 0;
}

export function* readPolicy(): Work<PolicyRows> {
  const roles = yield* rows(allRoles, {});
  const bindings = yield* rows(allBindings, {});
  return { roles: roles.map(({ name, actions }) => ({ name, actions: JSON.parse(actions) as string[] })), bindings };
}

export function* findRefreshToken(hash: string): Work<RefreshTokenRow | undefined> {
  const stored = yield* row(refreshTokenByHash, { hash });
  return stored && { ...stored, scope: stored.scope ?? undefined };
}

export function* isTokenRevoked(id: string): Work<boolean> {
  return (yield* row(revokedById, { id })) !== undefined;
}

export function* listSigningKeys(): Work<readonly SigningKeyRow[]> {
  return yield* rows(allSigningKeys, {});
}

export function* findInvitation(hash: string, nowMs: number): Work<string | undefined> {
  return (yield* row(invitationByHash, { hash, nowMs }))?.name;
}
