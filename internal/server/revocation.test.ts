import { describeRevocation } from './revocation.suite.ts';

describeRevocation('SQLite', async () => ({}));
