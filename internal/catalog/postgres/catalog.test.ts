import { afterAll, beforeAll } from '@jest/globals';
import { openPostgres, type PostgresServer } from '../../testing/postgres.ts';
import { describeCatalog } from '../catalog.suite.ts';
import { openPostgresCatalog } from './catalog.ts';
import { settingsFor, SILENT } from './fixtures.suite.ts';

let server: PostgresServer;
beforeAll(async () => void (server = await openPostgres()), 60_000);
afterAll(() => server.close());

describeCatalog('PostgreSQL', async () => openPostgresCatalog(settingsFor(await server.createDatabase()), SILENT));
