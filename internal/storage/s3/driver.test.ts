import { describeDriver } from '../driver.suite.ts';
import { describeStores } from '../stores.suite.ts';
import { describeUploads } from '../uploads.suite.ts';
import { openTestedS3 } from './fixtures.suite.ts';

const open = () => openTestedS3({ settings: { 'storage.s3.prefix': 'some/where' } });

describeDriver('s3', open, { vouchedFor: true });
describeStores('s3', open);
describeUploads('s3', open);
