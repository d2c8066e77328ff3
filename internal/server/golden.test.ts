import { describeGolden } from './golden.suite.ts';

describeGolden('SQLite', async () => ({}));
