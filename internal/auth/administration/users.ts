import { OciError } from '../../../pkg/oci/index.ts';
import type { BindingRow, Catalog, Origin, PageOf, UserRow } from '../../catalog/index.ts';
import { hashSecret, isInvitation, newInvitation } from '../api-key.ts';
import { isUserName } from '../names.ts';
import type { Passwords } from '../passwords.ts';
import { checkBinding, checkGroups, checkName, checkPassword, unknown } from './checks.ts';

/** A user as administrators see one: no password, nor a hash of one. */
export type UserView = Omit<UserRow, 'password' | 'generation'> & { readonly hasPassword: boolean };

export interface NewUser {
  readonly name: string;
  readonly password?: string | undefined;
  readonly email?: string | undefined;
  readonly displayName?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  /** Roles that the user gets with it, by pattern. */
  readonly roles?: readonly Pick<BindingRow, 'role' | 'pattern'>[] | undefined;
}

export interface UserChange {
  readonly password?: string | undefined;
  readonly email?: string | null | undefined;
  readonly displayName?: string | null | undefined;
  readonly disabled?: boolean | undefined;
  readonly groups?: readonly string[] | undefined;
}

/** A one-time link's secret, and until when it is good. */
export interface Invitation {
  readonly secret: string;
  readonly expiresMs: number;
}

/** Users of the catalog. REQUEST_INVALID where something given is no name, no password, ...; ENTRY_UNKNOWN, ENTRY_EXISTS. */
export interface UsersAdministration {
  list(page: PageOf<string>): Promise<readonly UserView[]>;
  get(name: string): Promise<UserView>;
  add(by: Origin, user: NewUser): Promise<void>;
  /** A new password, and disabling, end all that the user has signed in with. */
  change(by: Origin, name: string, change: UserChange): Promise<void>;
  delete(by: Origin, name: string): Promise<void>;
  /** Lets the user set a password by a link, once and within a day; earlier links are over. */
  invite(by: Origin, name: string): Promise<Invitation>;
  /** Whom an invitation is for; undefined where it was used, is too old or is none. */
  findInvited(secret: string): Promise<string | undefined>;
  /** Uses it up: the user has that password now. The user's name; undefined as in `findInvited`. */
  accept(by: Origin, secret: string, password: string): Promise<string | undefined>;
}

interface Deps {
  readonly catalog: Pick<Catalog, 'run' | 'queries'>;
  readonly passwords: Pick<Passwords, 'hash'>;
  readonly clock: () => number;
  /** Told that something changed. */
  readonly renew: () => void;
}

const INVITED_MS = 24 * 60 * 60 * 1000;

export function createUsersAdministration({ catalog, passwords, clock, renew }: Deps): UsersAdministration {
  const hashOf = async (password: string | undefined): Promise<string | undefined> => {
    if (password === undefined) return undefined;
    checkPassword(password);
    return passwords.hash(password);
  };

  return {
    list: async (page) => (await catalog.queries.listUsers(page)).map(viewOf),
    get: async (name) => {
      const row = isUserName(name) ? await catalog.queries.findUser(name) : undefined;
      if (!row) throw unknown('user', name);
      return viewOf(row);
    },
    add: async (by, { name, password, email, displayName, groups = [], roles = [] }) => {
      checkName(name);
      checkGroups(groups);
      for (const { role, pattern } of roles) await checkBinding(catalog, { subject: `user:${name}`, role, pattern });
      const user = { name, password: await hashOf(password), email, displayName, groups, roles };
      const { kind } = await catalog.run('createUser', { by, nowMs: clock(), ...user });
      if (kind === 'exists') throw new OciError('ENTRY_EXISTS', `user ${name}`);
      renew();
    },
    change: async (by, name, { password, groups, ...more }) => {
      checkGroups(groups ?? []);
      if (!isUserName(name)) throw unknown('user', name);
      const changed = { name, password: await hashOf(password), groups, ...more };
      const { kind } = await catalog.run('updateUser', { by, nowMs: clock(), ...changed });
      if (kind === 'absent') throw unknown('user', name);
      renew();
    },
    delete: async (by, name) => {
      if (!isUserName(name)) throw unknown('user', name);
      const { kind } = await catalog.run('deleteUser', { by, nowMs: clock(), name });
      if (kind === 'absent') throw unknown('user', name);
      renew();
    },
    invite: async (by, name) => {
      if (!isUserName(name)) throw unknown('user', name);
      const [secret, nowMs] = [newInvitation(), clock()];
      const expiresMs = nowMs + INVITED_MS;
      const { kind } = await catalog.run('inviteUser', { by, nowMs, name, hash: hashSecret(secret), expiresMs });
      if (kind === 'absent') throw unknown('user', name);
      return { secret, expiresMs };
    },
    findInvited: async (secret) =>
      isInvitation(secret) ? catalog.queries.findInvitation(hashSecret(secret), clock()) : undefined,
    accept: async (by, secret, given) => {
      if (!isInvitation(secret) || !(await catalog.queries.findInvitation(hashSecret(secret), clock())))
        return undefined;
      checkPassword(given);
      const accepted = { hash: hashSecret(secret), password: await passwords.hash(given) };
      const name = await catalog.run('acceptInvitation', { by, nowMs: clock(), ...accepted });
      renew();
      return name;
    },
  };
}

function viewOf({ password, generation: _generation, ...row }: UserRow): UserView {
  return { ...row, hasPassword: password !== undefined };
}
