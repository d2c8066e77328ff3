import { afterAll, beforeAll } from '@jest/globals';
import { describeRealService, type RealService } from '../../storage/s3/service.suite.ts';
import { describeClients } from './describe-clients.suite.ts';
import { startVersitygw, type S3Service } from './versitygw.ts';

/** Another service, where the environment names one: its URL, a key with its secret, and a bucket that is there. */
const {
  OCTOSERVE_TEST_S3_ENDPOINT: endpoint,
  OCTOSERVE_TEST_S3_KEY: accessKeyId,
  OCTOSERVE_TEST_S3_SECRET: secretAccessKey,
  OCTOSERVE_TEST_S3_BUCKET: bucket,
} = process.env;

describeClients(['versitygw'], 'the S3 driver', () => {
  let service: S3Service;
  beforeAll(async () => {
    service = await startVersitygw();
  });
  afterAll(() => service.close());

  describeRealService('versitygw', () => service);
});

if (endpoint && accessKeyId && secretAccessKey && bucket) {
  const named: RealService = { endpoint, accessKeyId, secretAccessKey, bucket };
  describeRealService(endpoint, () => named);
}
