import type { SpaceCommands } from '../types.ts';
import type { Command } from './command.ts';
import { forgetDeleted } from './deleted-manifests.ts';
import { recordPulls } from './pulls.ts';

/** The commands of history, retention and accounting. */
export const SPACE_COMMANDS: { readonly [Name in keyof SpaceCommands]: Command<Name> } = {
  recordPulls: { run: recordPulls, durable: false, repeatable: true },
  forgetDeleted: { run: forgetDeleted, durable: false, repeatable: true },
};
