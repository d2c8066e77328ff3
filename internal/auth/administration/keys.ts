import { OciError } from '../../../pkg/oci/index.ts';
import type { Catalog, KeyRow, Origin, PageOf } from '../../catalog/index.ts';
import { hashSecret, newApiKey } from '../api-key.ts';
import { isKeyName, isUserName } from '../names.ts';
import { checkActions, checkName, checkPattern, invalid, unknown } from './checks.ts';

export interface NewKey {
  readonly name: string;
  /** A user, who lends the key what he may; undefined: a robot's key, which may what it says itself. */
  readonly owner?: string | undefined;
  readonly repositories: readonly string[];
  readonly actions: readonly string[];
  readonly expiresMs?: number | undefined;
}

export interface KeyChange {
  readonly repositories?: readonly string[] | undefined;
  readonly actions?: readonly string[] | undefined;
  /** Null: never. */
  readonly expiresMs?: number | null | undefined;
}

/** Keys of users and robots. REQUEST_INVALID, ENTRY_UNKNOWN, ENTRY_EXISTS. */
export interface KeysAdministration {
  list(page: PageOf<string>): Promise<readonly KeyRow[]>;
  get(name: string): Promise<KeyRow>;
  /** Gives the key itself, which nobody can be told again. */
  add(by: Origin, key: NewKey): Promise<string>;
  change(by: Origin, name: string, change: KeyChange): Promise<void>;
  /** Revokes it, with its tokens and uploads. */
  delete(by: Origin, name: string): Promise<void>;
}

interface Deps {
  readonly catalog: Pick<Catalog, 'run' | 'queries'>;
  readonly clock: () => number;
  readonly isFileUser: (name: string) => boolean;
  readonly renew: () => void;
}

export function createKeysAdministration({ catalog, clock, isFileUser, renew }: Deps): KeysAdministration {
  function check({ repositories, actions, expiresMs }: KeyChange): void {
    for (const pattern of repositories ?? []) checkPattern(pattern);
    checkActions(actions ?? []);
    if (typeof expiresMs === 'number' && expiresMs <= clock()) throw invalid('the key would have expired already');
  }

  return {
    list: (page) => catalog.queries.listKeys(page),
    get: async (name) => {
      const row = isKeyName(name) ? await catalog.queries.findKey(name) : undefined;
      if (!row) throw unknown('key', name);
      return row;
    },
    add: async (by, { name, owner, ...access }) => {
      checkName(name);
      check(access);
      if (owner !== undefined && !isUserName(owner)) throw unknown('user', owner);
      const secret = newApiKey();
      const { repositories, actions, expiresMs } = access;
      const row = { name, owner, repositories, actions, expiresMs, hash: hashSecret(secret) };
      const create = () => catalog.run('createKey', { by, nowMs: clock(), ...row });
      let { kind } = await create();
      if (kind === 'ownerAbsent' && owner !== undefined && isFileUser(owner)) {
        // The file goes on saying who may sign in as that user, and what that user may: here it is a name with keys.
        const nobody = { password: undefined, email: undefined, displayName: undefined, groups: [], roles: [] };
        await catalog.run('createUser', { by, nowMs: clock(), name: owner, ...nobody });
        ({ kind } = await create());
      }
      if (kind === 'ownerAbsent') throw unknown('user', owner ?? '');
      if (kind === 'exists') throw new OciError('ENTRY_EXISTS', `key ${name}`);
      renew();
      return secret;
    },
    change: async (by, name, change) => {
      check(change);
      if (!isKeyName(name)) throw unknown('key', name);
      const { kind } = await catalog.run('updateKey', { by, nowMs: clock(), name, ...change });
      if (kind === 'absent') throw unknown('key', name);
      renew();
    },
    delete: async (by, name) => {
      if (!isKeyName(name)) throw unknown('key', name);
      const { kind } = await catalog.run('deleteKey', { by, nowMs: clock(), name });
      if (kind === 'absent') throw unknown('key', name);
      renew();
    },
  };
}
