import { COMMANDS } from '../commands/table.ts';
import { driveAsync, TakenBack, type Work } from '../step.ts';
import type { Catalog, CommandArgs, CommandName, CommandResult } from '../types.ts';
import { ConnectionLost, judge, OutcomeUnknown } from './failures.ts';
import type { Sessions } from './pool.ts';
import { retry, type Patience } from './retry.ts';
import type { Session } from './session.ts';

/**
 * Runs each command in a transaction of its own. One that met another transaction, or lost its connection before COMMIT
 * was sent, is run again; one that lost it at COMMIT only where that is the same as having run once.
 */
export function createCommands({ use }: Pick<Sessions, 'use'>, patience: Patience): Catalog['run'] {
  return async <Name extends CommandName>(name: Name, args: CommandArgs<Name>): Promise<CommandResult<Name>> => {
    const { run, repeatable, unhurried = false } = COMMANDS[name];
    const mayRepeat = (error: unknown): boolean => {
      const verdict = judge(error);
      return verdict === 'again' || verdict === 'lost' || (verdict === 'unknown' && repeatable);
    };
    const attempt = () => use((session) => transact(session, run(args), unhurried), { unhurried });
    return retry(attempt, mayRepeat, patience);
  };
}

/** Until the server does it by itself, after a minute perhaps, its plans are for tables that are nearly empty. */
const ANALYZE =
  'analyze repositories, blobs, repository_blobs, manifests, manifest_blobs, manifest_children, tags, changes';

/** Whatever it throws, the transaction has ended: where that could not be said, the connection counts as lost. */
async function transact<Result>(session: Session, work: Work<Result>, unhurried: boolean): Promise<Result> {
  await session.ask('begin isolation level read committed');
  let result: Result;
  try {
    if (unhurried) await session.ask('set local statement_timeout = 0');
    result = await driveAsync(work, session.execute);
    if (unhurried) await session.ask(ANALYZE);
  } catch (error) {
    await rollBack(session, error);
    if (error instanceof TakenBack) return error.result as Result;
    throw error;
  }
  try {
    await session.ask('commit');
  } catch (error) {
    throw judge(error) === 'lost' ? new OutcomeUnknown(error) : error;
  }
  return result;
}

async function rollBack(session: Session, reason: unknown): Promise<void> {
  try {
    await session.ask('rollback');
  } catch {
    throw new ConnectionLost(reason);
  }
}
