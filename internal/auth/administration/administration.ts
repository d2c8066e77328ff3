import type { Catalog } from '../../catalog/index.ts';
import type { Passwords } from '../passwords.ts';
import { createKeysAdministration, type KeysAdministration } from './keys.ts';
import { createRulesAdministration, type RulesAdministration } from './rules.ts';
import { createUsersAdministration, type UsersAdministration } from './users.ts';
import { createWorkloadsAdministration, type WorkloadsAdministration, type WorkloadsDeps } from './workloads.ts';

/** Who there is and who may do what, as administrators change it: through the server or beside it. */
export interface Administration {
  readonly users: UsersAdministration;
  readonly keys: KeysAdministration;
  readonly rules: RulesAdministration;
  readonly workloads: WorkloadsAdministration;
}

export interface AdministrationDeps extends Pick<WorkloadsDeps, 'configured' | 'audience'> {
  readonly catalog: Pick<Catalog, 'run' | 'queries'>;
  readonly passwords: Pick<Passwords, 'hash'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Whether it is a user of `auth.users_file`, who may own keys like those of the catalog. */
  readonly isFileUser?: (name: string) => boolean;
  /** Told that something changed, so that this process knows at once. */
  readonly renew?: () => void;
}

export function createAdministration({
  renew = () => undefined,
  isFileUser = () => false,
  ...rest
}: AdministrationDeps): Administration {
  const deps = { ...rest, renew, isFileUser };
  return {
    users: createUsersAdministration(deps),
    keys: createKeysAdministration(deps),
    rules: createRulesAdministration(deps),
    workloads: createWorkloadsAdministration(deps),
  };
}
