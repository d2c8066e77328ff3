import { COMMANDS } from '../commands/table.ts';
import { drive, TakenBack, type Work } from '../step.ts';
import type { CatalogError, CommandName } from '../types.ts';
import type { Connection } from './connection.ts';
import { toCatalogError } from './failures.ts';

/** A command to run, as plain data. */
export interface Call {
  readonly name: CommandName;
  readonly args: unknown;
}

export type Outcome = Readonly<{ kind: 'done'; value: unknown }> | Readonly<{ kind: 'failed'; error: CatalogError }>;

/**
 * Runs commands in one transaction, in order, each under a savepoint of its own: one that fails takes back only what it
 * did itself. When it returns, what the outcomes say is committed; where the transaction as a whole was lost, all failed.
 */
export function runGroup(connection: Connection, calls: readonly Call[], begin: () => void): readonly Outcome[] {
  try {
    begin();
    const outcomes = calls.map((call) => runOne(connection, call));
    connection.exec('commit');
    return outcomes;
  } catch (error) {
    if (connection.inTransaction()) connection.exec('rollback');
    const failed: Outcome = { kind: 'failed', error: toCatalogError(error) };
    return calls.map(() => failed);
  }
}

function runOne(connection: Connection, { name, args }: Call): Outcome {
  connection.exec('savepoint command');
  try {
    const command = COMMANDS[name].run as (given: unknown) => Work<unknown>;
    const value = drive(command(args), connection.execute);
    connection.exec('release command');
    return { kind: 'done', value };
  } catch (error) {
    // Of some failures (no room, an I/O error) SQLite rolls back all of it: then nobody's work is left to keep.
    if (!connection.inTransaction()) throw error;
    connection.exec('rollback to command; release command');
    if (error instanceof TakenBack) return { kind: 'done', value: error.result };
    return { kind: 'failed', error: toCatalogError(error) };
  }
}

/** Whether what any of the calls does must survive a power cut once it is answered. */
export function isDurable(calls: readonly Call[]): boolean {
  return calls.some(({ name }) => COMMANDS[name].durable);
}
