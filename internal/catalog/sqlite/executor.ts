import type { CommandArgs, CommandName, CommandResult } from '../types.ts';
import type { Connection } from './connection.ts';
import { runGroup } from './group.ts';

/** What runs commands: a thread for a file, the caller's own thread for a catalog in memory. */
export interface Executor {
  run<Name extends CommandName>(name: Name, args: CommandArgs<Name>): Promise<CommandResult<Name>>;
  /** Resolves where commands can be run just now. */
  check(): Promise<void>;
  /** Finishes what was asked before. */
  close(): Promise<void>;
}

/** Runs each command at once, in a transaction of its own. */
export function createExecutor(connection: Connection): Executor {
  return {
    run: async <Name extends CommandName>(name: Name, args: CommandArgs<Name>) => {
      const [outcome] = runGroup(connection, [{ name, args }], () => connection.exec('begin'));
      if (outcome?.kind !== 'done') throw outcome?.error ?? new Error('a command without an outcome');
      return outcome.value as CommandResult<Name>;
    },
    check: async () => undefined,
    close: async () => undefined,
  };
}
