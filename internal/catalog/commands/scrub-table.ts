import type { ScrubCommands } from '../types.ts';
import type { Command } from './command.ts';
import { liftQuarantine, quarantine } from './quarantine.ts';
import { recordScrubRun } from './runs.ts';

/** The commands of the scrub. A quarantine that a power cut takes back is found again, and so is one that was lifted. */
export const SCRUB_COMMANDS: { readonly [Name in keyof ScrubCommands]: Command<Name> } = {
  quarantine: { run: quarantine, durable: true, repeatable: true },
  liftQuarantine: { run: liftQuarantine, durable: true, repeatable: false },
  recordScrubRun: { run: recordScrubRun, durable: false, repeatable: true },
};
