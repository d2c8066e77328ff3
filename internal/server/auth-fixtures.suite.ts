import { newApiKey } from '../auth/api-key.ts';
import { hashSecret } from '../auth/api-key.ts';
import { hashArgon2 } from '../auth/argon2.ts';
import type { BindingRow, Catalog } from '../catalog/index.ts';

// A suite by its name only because nothing but tests may import it.

export const BY = {
  by: { principal: 'user:root', address: '192.0.2.1:1234', requestId: 'request' },
  nowMs: Date.UTC(2026, 0, 1),
};

export const PASSWORD = 'correct horse';
let hash: Promise<string> | undefined;

/** A user with PASSWORD, and the roles. */
export async function addUser(
  { run }: Pick<Catalog, 'run'>,
  name: string,
  roles: readonly Pick<BindingRow, 'role' | 'pattern'>[] = [],
  groups: readonly string[] = [],
): Promise<void> {
  hash ??= hashArgon2(PASSWORD);
  const user = { name, password: await hash, email: undefined, displayName: undefined, groups, roles };
  const { kind } = await run('createUser', { ...BY, ...user });
  if (kind !== 'created') throw new Error(`there is a user ${name}`);
}

/** A key, by its secret. */
export async function addKey(
  { run }: Pick<Catalog, 'run'>,
  name: string,
  more: { owner?: string; repositories?: readonly string[]; actions?: readonly string[]; expiresMs?: number } = {},
): Promise<string> {
  const secret = newApiKey();
  const { owner, repositories = ['**'], actions = ['pull'], expiresMs } = more;
  const key = { name, hash: hashSecret(secret), owner, repositories, actions, expiresMs };
  const { kind } = await run('createKey', { ...BY, ...key });
  if (kind !== 'created') throw new Error(`there is no new key ${name}: ${kind}`);
  return secret;
}

/** The Authorization header of a password. */
export const basic = (user: string, password: string = PASSWORD): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
