import type { SignInCommands } from '../sign-in-types.ts';
import type { Command } from './command.ts';
import { admitUser } from './external-users.ts';
import { closeSession, openSession, rotateRefreshToken, useOnce } from './sessions.ts';
import { deleteWorkloadRule, putWorkloadRule } from './workload-rules.ts';

/** The commands of signing in. A session that a power cut takes away is begun again; one that was closed stays so. */
export const SIGN_IN_COMMANDS: { readonly [Name in keyof SignInCommands]: Command<Name> } = {
  admitUser: { run: admitUser, durable: true, repeatable: true },
  openSession: { run: openSession, durable: false, repeatable: true },
  closeSession: { run: closeSession, durable: true, repeatable: false },
  rotateRefreshToken: { run: rotateRefreshToken, durable: false, repeatable: false },
  useOnce: { run: useOnce, durable: true, repeatable: false },
  putWorkloadRule: { run: putWorkloadRule, durable: true, repeatable: true },
  deleteWorkloadRule: { run: deleteWorkloadRule, durable: true, repeatable: false },
};
