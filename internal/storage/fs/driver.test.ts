import { describeDriver } from '../driver.suite.ts';
import { describeStores } from '../stores.suite.ts';
import { describeUploads } from '../uploads.suite.ts';
import { openTestedFolder } from './fixtures.suite.ts';

describeDriver('filesystem', () => openTestedFolder());
describeStores('filesystem', () => openTestedFolder());
describeUploads('filesystem', () => openTestedFolder());
