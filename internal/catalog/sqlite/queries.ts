import { setImmediate } from 'node:timers/promises';
import { QUERIES } from '../queries/table.ts';
import { drive, driveAsync, type Step, type Work } from '../step.ts';
import type { Queries } from '../types.ts';
import type { Connection } from './connection.ts';
import { toCatalogError } from './failures.ts';

type AnyQuery = (...args: unknown[]) => Work<unknown>;

/** The queries over one connection. All but `totals` are done when they return; none holds a transaction over a wait. */
export function createQueries({ execute }: Connection): Queries {
  const bound = Object.entries(QUERIES as unknown as Record<string, AnyQuery>).map(([name, query]) => {
    const ask = async (...args: unknown[]): Promise<unknown> => {
      try {
        return drive(query(...args), execute);
      } catch (error) {
        throw toCatalogError(error);
      }
    };
    return [name, ask];
  });
  return {
    ...(Object.fromEntries(bound) as Queries),
    totals: () => driveGently(QUERIES.totals(), execute),
  };
}

/** Lets the event loop turn after each step: for work over whole tables. */
async function driveGently<Result>(work: Work<Result>, execute: (step: Step) => unknown): Promise<Result> {
  try {
    return await driveAsync(work, async (step) => {
      const answer = execute(step);
      await setImmediate();
      return answer;
    });
  } catch (error) {
    throw toCatalogError(error);
  }
}
