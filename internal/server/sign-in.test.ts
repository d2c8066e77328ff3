import { jest } from '@jest/globals';
import { describeAccounts } from './accounts.suite.ts';
import { describeExchange } from './exchange.suite.ts';
import { describeLogins } from './logins.suite.ts';

jest.setTimeout(60_000);

for (const describeEach of [describeLogins, describeAccounts, describeExchange])
  describeEach('SQLite', async () => ({}));
