import type { Kysely } from 'kysely';
import type { KeyRow, UserRow } from '../auth-rows.ts';
import type { Schema } from '../schema.ts';
import { statement } from '../statement.ts';
import { row, rows, type Work } from '../step.ts';
import type { PageOf } from '../types.ts';
import { placeOf, rowsOf } from './page.ts';

const users = (q: Kysely<Schema>) =>
  q
    .selectFrom('users')
    .select(['name', 'password', 'email', 'display_name as displayName', 'disabled', 'generation'])
    .select(['created_ms as createdMs', 'signed_in_ms as signedInMs']);

const userByName = statement<{ name: string }>()((q, p) => users(q).where('name', '=', p.name));

const usersAfter = statement<{ after: string; limit: number }>()((q, p) =>
  users(q).where('name', '>', p.after).orderBy('name').limit(p.limit),
);

const groupsBetween = statement<{ first: string; last: string }>()((q, p) =>
  q
    .selectFrom('user_groups')
    .select(['user_name as name', 'group_name as group'])
    .where('user_name', '>=', p.first)
    .where('user_name', '<=', p.last),
);

const keys = (q: Kysely<Schema>) =>
  q
    .selectFrom('api_keys')
    .select(['name', 'owner', 'repositories', 'actions', 'created_ms as createdMs', 'expires_ms as expiresMs'])
    .select('used_ms as usedMs');

const keyByName = statement<{ name: string }>()((q, p) => keys(q).where('name', '=', p.name));
const keyByHash = statement<{ hash: string }>()((q, p) => keys(q).where('hash', '=', p.hash));
const keysAfter = statement<{ after: string; limit: number }>()((q, p) =>
  keys(q).where('name', '>', p.after).orderBy('name').limit(p.limit),
);

/** As the statements above select them. */
type StoredUser = { readonly [Name in Exclude<keyof UserRow, 'groups' | 'disabled'>]: UserRow[Name] | null } & {
  readonly name: string;
  readonly disabled: number;
  readonly generation: number;
  readonly createdMs: number;
};

interface StoredKey {
  readonly name: string;
  readonly owner: string | null;
  readonly repositories: string;
  readonly actions: string;
  readonly createdMs: number;
  readonly expiresMs: number | null;
  readonly usedMs: number | null;
}

function toUserRow(stored: StoredUser, groups: readonly string[]): UserRow {
  return {
    name: stored.name,
    password: stored.password ?? undefined,
    email: stored.email ?? undefined,
    displayName: stored.displayName ?? undefined,
    disabled: stored.disabled === 1,
    generation: stored.generation,
    createdMs: stored.createdMs,
    signedInMs: stored.signedInMs ?? undefined,
    groups: [...new Set(groups)].toSorted(),
  };
}

function toKeyRow(stored: StoredKey): KeyRow {
  return {
    name: stored.name,
    owner: stored.owner ?? undefined,
    repositories: JSON.parse(stored.repositories) as string[],
    actions: JSON.parse(stored.actions) as string[],
    createdMs: stored.createdMs,
    expiresMs: stored.expiresMs ?? undefined,
    usedMs: stored.usedMs ?? undefined,
  };
}

export function* findUser(name: string): Work<UserRow | undefined> {
  const stored = yield* row(userByName, { name });
  if (!stored) return undefined;
  const groups = yield* rows(groupsBetween, { first: name, last: name });
  return toUserRow(
    stored,
    groups.map(({ group }) => group),
  );
}

export function* listUsers(page: PageOf<string>): Work<readonly UserRow[]> {
  const found = yield* rows(usersAfter, { after: placeOf(page), limit: rowsOf(page) });
  const [first, last] = [found[0]?.name, found.at(-1)?.name];
  if (first === undefined || last === undefined) return [];
  const groups = Map.groupBy(yield* rows(groupsBetween, { first, last }), ({ name }) => name);
  return found.map((stored) => toUserRow(stored, groups.get(stored.name)?.map(({ group }) => group) ?? []));
}

export function* findKey(name: string): Work<KeyRow | undefined> {
  const stored = yield* row(keyByName, { name });
  return stored && toKeyRow(stored);
}

export function* findKeyByHash(hash: string): Work<KeyRow | undefined> {
  const stored = yield* row(keyByHash, { hash });
  return stored && toKeyRow(stored);
}

export function* listKeys(page: PageOf<string>): Work<readonly KeyRow[]> {
  return (yield* rows(keysAfter, { after: placeOf(page), limit: rowsOf(page) })).map(toKeyRow);
}
