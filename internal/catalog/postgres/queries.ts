import { QUERIES } from '../queries/table.ts';
import { driveAsync, type Step, type Work } from '../step.ts';
import type { Queries } from '../types.ts';
import { judge } from './failures.ts';
import type { Sessions } from './pool.ts';
import { retry, type Patience } from './retry.ts';

type AnyQuery = (...args: unknown[]) => Work<unknown>;

/** What only reads may always be asked again. */
export const askAgain = <Result>(action: () => Promise<Result>, patience: Patience): Promise<Result> =>
  retry(action, isPassing, patience);

/** The queries, each statement on a connection of its own: nothing is held between two, and each may be asked again. */
export function createQueries({ use }: Pick<Sessions, 'use'>, patience: Patience): Queries {
  const execute = (step: Step): Promise<unknown> => askAgain(() => use((session) => session.execute(step)), patience);
  const bound = Object.entries(QUERIES as unknown as Record<string, AnyQuery>).map(([name, query]) => {
    return [name, (...args: unknown[]) => driveAsync(query(...args), execute)];
  });
  return Object.fromEntries(bound) as Queries;
}

function isPassing(error: unknown): boolean {
  const verdict = judge(error);
  return verdict === 'again' || verdict === 'lost';
}
