import { setTimeout } from 'node:timers/promises';
import type { CatalogLog } from '../catalog-log.ts';
import type { Catalog, Queries } from '../types.ts';
import { createCommands } from './commands.ts';
import { createStatements } from './dialect.ts';
import { createDoor, type Door } from './door.ts';
import { openLink } from './link.ts';
import { openPool, type Sessions } from './pool.ts';
import { askAgain, createQueries } from './queries.ts';
import type { Patience } from './retry.ts';
import type { PostgresSettings } from './settings.ts';
import { openSnapshot } from './snapshot.ts';
import { createVisit } from './visit.ts';

const PATIENCE: Patience = { pause: (ms) => setTimeout(ms), random: Math.random };

/**
 * Opens the catalog in a database, and makes or updates its tables where needed. Where the database is away it is opened
 * all the same: everything is `busy` until the database comes, which is told in one line and found out by itself.
 */
export async function openPostgresCatalog(settings: PostgresSettings, log: CatalogLog): Promise<Catalog> {
  const statements = createStatements();
  const link = await openLink({
    visit: createVisit(settings, statements),
    log,
    pause: (ms, signal) => setTimeout(ms, undefined, { signal, ref: false }),
    random: Math.random,
  });
  const pool = openPool(settings, statements, link.doubt);
  const door = createDoor();
  const sessions: Pick<Sessions, 'use'> = {
    use: async (action, how) => {
      link.assertWell();
      return pool.use(action, how);
    },
  };
  const run = createCommands(sessions, PATIENCE);
  const look = () => askAgain(() => sessions.use(({ ask }) => ask('select name from migrations limit 1')), PATIENCE);
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    await door.close();
    await Promise.all([link.close(), pool.close()]);
  }

  return {
    queries: behind(door, createQueries(sessions, PATIENCE)),
    run: (name, args) => door.admit(() => run(name, args)),
    snapshot: () =>
      door.admit(async () => {
        link.assertWell();
        return openSnapshot(settings, statements);
      }),
    check: () => door.admit(async () => void (await look())),
    close: () => (closing ??= close()),
  };
}

function behind(door: Door, queries: Queries): Queries {
  const ask = queries as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  const entries = Object.entries(ask).map(([name, query]) => {
    return [name, (...args: unknown[]) => door.admit(() => query(...args))];
  });
  return Object.fromEntries(entries) as Queries;
}
