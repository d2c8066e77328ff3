import { describeDriver } from '../driver.suite.ts';
import { describeStores } from '../stores.suite.ts';
import { describeUploads } from '../uploads.suite.ts';
import { openTestedS3 } from './fixtures.suite.ts';

const REPLACES = 'replaces what is there, even where its size is right: it may have gone bad';
const open = () => openTestedS3({ settings: { 'storage.s3.prefix': 'some/where' } });

describeDriver('s3', open, { [REPLACES]: 'S3 itself vouches for the bytes that it keeps' });
describeStores('s3', open);
describeUploads('s3', open);
