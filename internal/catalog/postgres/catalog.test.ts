import { afterAll, beforeAll } from '@jest/globals';
import { openPostgres, type PostgresServer } from '../../testing/postgres.ts';
import { describeCatalog } from '../catalog.suite.ts';
import { openPostgresCatalog } from './catalog.ts';
import { settingsFor, SILENT } from './fixtures.suite.ts';

let server: PostgresServer;
/** A catalog with nothing in it: to copy its tables takes a fraction of the time of making them. */
let empty: string;
beforeAll(async () => {
  server = await openPostgres();
  empty = await server.createDatabase();
  await (await openPostgresCatalog(settingsFor(empty), SILENT)).close();
}, 60_000);
afterAll(() => server.close());

describeCatalog('PostgreSQL', async () => openPostgresCatalog(settingsFor(await server.createDatabase(empty)), SILENT));
