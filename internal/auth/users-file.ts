import { createHash } from 'node:crypto';
import { bcryptCost, isBcrypt } from './bcrypt.ts';
import { isGroupName, isUserName } from './names.ts';
import { wrongOfPattern } from './pattern.ts';
import type { Binding } from './policy.ts';

/** A user of `auth.users_file`. */
export interface FileUser {
  readonly name: string;
  /** bcrypt. */
  readonly password: string;
  readonly groups: readonly string[];
  /** As of users of the catalog: another password, another generation. */
  readonly generation: number;
}

export interface FileUsers {
  readonly users: ReadonlyMap<string, FileUser>;
  readonly bindings: readonly Binding[];
  /** Of the dearest hash: for a name that nobody has a password is checked at that cost. */
  readonly bcryptCost: number;
  /** Names that more than one user has: the last one counts. */
  readonly repeated: readonly string[];
}

const USUAL_COST = 10;
export const NO_FILE_USERS: FileUsers = { users: new Map(), bindings: [], bcryptCost: USUAL_COST, repeated: [] };

/** What the roles of each user of a file allow, on which repositories. Throws an Error that names a wrong one. */
export type FileRoles = (users: readonly ListedUser[]) => readonly Binding[];

export interface ListedUser {
  readonly name: string;
  /** As they are written. */
  readonly roles: readonly string[];
}

/** `reader`, or `writer@team/**`. */
const OWN_ROLES: FileRoles = (users) => users.flatMap(({ name, roles }) => roles.map((role) => parseRole(name, role)));

type Members = Readonly<Record<string, unknown>>;

/**
 * The users of a file: a list `users`, each with `username` (or `name`), `password` (or `password_hash`, bcrypt), and if
 * wanted `groups` and `roles`: `reader`, or `writer@team/**`. Of two with one name the last counts. Throws an Error that
 * says which one is wrong in what; never a word of a hash.
 */
export function parseFileUsers(tree: unknown, roles: FileRoles = OWN_ROLES): FileUsers {
  const list = isMembers(tree) ? tree['users'] : undefined;
  if (!Array.isArray(list)) throw new Error('there is no list of users');
  const parsed = list.map(parseUser);
  const users = new Map(parsed.map(({ user }) => [user.name, user]));
  const hidden = parsed.filter(({ user }) => users.get(user.name) !== user);
  return {
    users,
    bindings: roles(parsed.filter(({ user }) => users.get(user.name) === user).map(({ listed }) => listed)),
    repeated: [...new Set(hidden.map(({ user }) => user.name))],
    bcryptCost: parsed.map(({ user }) => bcryptCost(user.password)).reduce((a, b) => Math.max(a, b), USUAL_COST),
  };
}

interface Parsed {
  readonly user: FileUser;
  readonly listed: ListedUser;
}

function parseUser(entry: unknown, index: number): Parsed {
  const members = isMembers(entry) ? entry : {};
  const name = members['username'] ?? members['name'];
  if (typeof name !== 'string' || !isUserName(name)) throw new Error(`user ${index + 1} has no valid username`);
  const password = members['password'] ?? members['password_hash'];
  if (typeof password !== 'string' || !isBcrypt(password)) throw new Error(`the password of ${name} is no bcrypt hash`);
  const groups = textsOf(members['groups'], `groups of ${name}`);
  const wrong = groups.find((group) => !isGroupName(group));
  if (wrong !== undefined) throw new Error(`${name} has a group of an invalid name: ${wrong}`);
  return {
    user: { name, password, groups, generation: generationOf(password) },
    listed: { name, roles: textsOf(members['roles'], `roles of ${name}`) },
  };
}

function parseRole(name: string, text: string): Binding {
  const [role = '', pattern = '**', ...rest] = text.split('@');
  const wrong =
    rest.length > 0 || role === '' ? 'is no role such as writer or writer@team/**' : wrongOfPattern(pattern);
  if (wrong !== undefined) throw new Error(`the role ${text} of ${name} ${wrong}`);
  return { subject: `user:${name}`, role, pattern };
}

const generationOf = (password: string): number => createHash('sha256').update(password).digest().readUIntBE(0, 6);

function textsOf(value: unknown, what: string): readonly string[] {
  if (value === undefined || value === null) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.every((each) => typeof each === 'string')) return list;
  throw new Error(`the ${what} are no list of names`);
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
