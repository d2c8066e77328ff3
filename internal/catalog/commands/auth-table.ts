import type { AuthCommands } from '../auth-commands.ts';
import { deleteBinding, deleteRole, putBinding, putRole } from './auth-bindings.ts';
import { acceptInvitation, inviteUser } from './auth-invitations.ts';
import { createKey, deleteKey, noteKeyUses, updateKey } from './auth-keys.ts';
import { addRefreshToken, expireTokens, revokeTokens, rotateSigningKey } from './auth-tokens.ts';
import { createUser, deleteUser, noteSignIns, updateUser } from './auth-users.ts';
import type { Command } from './command.ts';
import { SIGN_IN_COMMANDS } from './sign-in-table.ts';

/** The commands of who there is and who may do what: whoever was told that a key is revoked relies on it. */
export const AUTH_COMMANDS: { readonly [Name in keyof AuthCommands]: Command<Name> } = {
  createUser: { run: createUser, durable: true, repeatable: false },
  updateUser: { run: updateUser, durable: true, repeatable: true },
  deleteUser: { run: deleteUser, durable: true, repeatable: false },
  noteSignIns: { run: noteSignIns, durable: false, repeatable: true },
  createKey: { run: createKey, durable: true, repeatable: false },
  updateKey: { run: updateKey, durable: true, repeatable: true },
  deleteKey: { run: deleteKey, durable: true, repeatable: false },
  noteKeyUses: { run: noteKeyUses, durable: false, repeatable: true },
  putRole: { run: putRole, durable: true, repeatable: true },
  deleteRole: { run: deleteRole, durable: true, repeatable: false },
  putBinding: { run: putBinding, durable: true, repeatable: true },
  deleteBinding: { run: deleteBinding, durable: true, repeatable: false },
  addRefreshToken: { run: addRefreshToken, durable: false, repeatable: true },
  revokeTokens: { run: revokeTokens, durable: true, repeatable: true },
  expireTokens: { run: expireTokens, durable: false, repeatable: true },
  rotateSigningKey: { run: rotateSigningKey, durable: true, repeatable: false },
  inviteUser: { run: inviteUser, durable: true, repeatable: true },
  acceptInvitation: { run: acceptInvitation, durable: true, repeatable: false },
  ...SIGN_IN_COMMANDS,
};
