import type { Work } from '../step.ts';
import type { CommandArgs, CommandName, CommandResult } from '../types.ts';

/** A command as every engine drives it, in a transaction of its own or under a savepoint of its own. */
export interface Command<Name extends CommandName> {
  readonly run: (args: CommandArgs<Name>) => Work<CommandResult<Name>>;
  /** Whether what it commits must survive a power cut when it is answered. */
  readonly durable: boolean;
  /** Whether to run it again, after a run that was committed unbeknownst to the caller, is the same as one run. */
  readonly repeatable: boolean;
  /** There where it ends the filling of whole tables: it takes its time, and statistics of the tables are made anew. */
  readonly unhurried?: true;
}
