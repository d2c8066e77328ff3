import type { GcCommands } from '../types.ts';
import type { Command } from './command.ts';
import { adoptOrphans, extendLease } from './gc-candidates.ts';
import { beginDeletions, dismissCandidates, dropDeletion, endDeletions, takeOverDeletions } from './gc-deletions.ts';
import { recordGcRun } from './runs.ts';

/**
 * The commands of garbage collection. What must outlive a power cut is that a deletion was begun, before its content
 * goes; and what a client was told. A row that comes back without its content is taken over and goes again.
 */
export const GC_COMMANDS: { readonly [Name in keyof GcCommands]: Command<Name> } = {
  extendLease: { run: extendLease, durable: true, repeatable: true },
  beginDeletions: { run: beginDeletions, durable: true, repeatable: false },
  takeOverDeletions: { run: takeOverDeletions, durable: true, repeatable: false },
  endDeletions: { run: endDeletions, durable: false, repeatable: true },
  dropDeletion: { run: dropDeletion, durable: false, repeatable: true },
  dismissCandidates: { run: dismissCandidates, durable: false, repeatable: true },
  adoptOrphans: { run: adoptOrphans, durable: false, repeatable: true },
  recordGcRun: { run: recordGcRun, durable: false, repeatable: true },
};
