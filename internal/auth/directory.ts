import { isUserName } from './names.ts';
import type { Facts } from './knowledge.ts';
import type { User } from './principal.ts';
import type { FileUsers } from './users-file.ts';

/** A user, from wherever we know them. */
export interface KnownUser {
  readonly user: User;
  readonly password: string | undefined;
  /** Tokens and sessions of another generation are refused. */
  readonly generation: number;
  readonly isDisabled: boolean;
}

/** The user of that name. One of the file stands before one of the catalog, who then cannot sign in. */
export async function findUser(name: string, file: FileUsers, facts: Facts): Promise<KnownUser | undefined> {
  const inFile = file.users.get(name);
  if (inFile) {
    const { password, groups, generation } = inFile;
    return { user: { name, groups }, password, generation, isDisabled: false };
  }
  const row = isUserName(name) ? await facts.user(name) : undefined;
  return (
    row && {
      user: { name, groups: row.groups },
      password: row.password,
      generation: row.generation,
      isDisabled: row.disabled,
    }
  );
}
