import { afterAll, beforeAll, jest } from '@jest/globals';
import { openPostgres, type PostgresServer } from '../testing/postgres.ts';
import { describeAccounts } from './accounts.suite.ts';
import { describeExchange } from './exchange.suite.ts';
import { describeLogins } from './logins.suite.ts';

jest.setTimeout(60_000);

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await openPostgres();
});
afterAll(() => postgres.close());

for (const describeEach of [describeLogins, describeAccounts, describeExchange]) {
  describeEach('PostgreSQL', async () => ({
    'catalog.type': 'postgres',
    'catalog.url': await postgres.createDatabase(),
  }));
}
