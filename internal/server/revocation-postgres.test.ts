import { afterAll, beforeAll } from '@jest/globals';
import { openPostgres, type PostgresServer } from '../testing/postgres.ts';
import { describeRevocation } from './revocation.suite.ts';

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await openPostgres();
}, 60_000);
afterAll(() => postgres.close());

describeRevocation('PostgreSQL', async () => ({
  'catalog.type': 'postgres',
  'catalog.url': await postgres.createDatabase(),
}));
