import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../pkg/oci/index.ts';
import { describeDriver } from '../driver.suite.ts';
import { bytesOf, endClean, newUploadId, readOnce, type TestedDriver } from '../fixtures.suite.ts';
import { BLOBS, blobKey, MANIFESTS, uploadKey, UPLOADS } from '../layout.ts';
import { describeStores } from '../stores.suite.ts';
import { describeUploads } from '../uploads.suite.ts';
import { openS3 } from './driver.ts';
import { NO_SETTINGS } from './fixtures.suite.ts';
import { LIMITS } from './limits.ts';

const MIB = 1024 * 1024;

/** A real S3 service, and a bucket that is there. */
export interface RealService {
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The driver with the least parts that S3 takes, so that a few MiB are several; under a prefix of its own. */
async function openAt(service: RealService): Promise<TestedDriver> {
  const driver = await openS3({
    config: {
      ...NO_SETTINGS,
      'storage.s3.endpoint': service.endpoint,
      'storage.s3.bucket': service.bucket,
      'storage.s3.access_key_id': service.accessKeyId,
      'storage.s3.secret_access_key': service.secretAccessKey,
      'storage.s3.prefix': `test/${randomUUID()}`,
      'storage.s3.redirect': 'on',
    },
    clock: Date.now,
    uuid: randomUUID,
    random: Math.random,
    limits: { ...LIMITS, partBytes: 5 * MIB, wholeCopyBytes: 12 * MIB, leastCopyBytes: 10 * MIB, mostPieces: 4 },
  });
  return {
    driver,
    async end() {
      const left: string[] = [];
      for await (const entry of driver.objects.list(UPLOADS)) {
        left.push(entry.key);
        await driver.staging.discard(entry.key);
      }
      const swept = (await driver.staging.sweep?.(Date.now() + 60_000)) ?? 0;
      for (const folder of [BLOBS, MANIFESTS]) {
        for await (const entry of driver.objects.list(folder)) await driver.objects.remove(entry.key);
      }
      await driver.close();
      return swept > 0 ? [...left, `${swept} uploads begun`] : left;
    },
  };
}

/** What holds on the server of our own tests holds on a real service; `service` is asked once the tests run. */
export function describeRealService(name: string, service: () => RealService): void {
  const open = (): Promise<TestedDriver> => openAt(service());
  describeDriver(`s3 at ${name}`, open, { vouchedFor: true });
  describeStores(`s3 at ${name}`, open);
  describeUploads(`s3 at ${name}`, open);

  describe(`the S3 service ${name}`, () => {
    const whole = bytesOf(26 * MIB + 5);
    const to = blobKey(digestOf(whole));

    it('takes parts straight to their place, and gives them to whoever has a signed URL', async () => {
      const tested = await open();
      const { driver } = tested;
      const upload = uploadKey(newUploadId());
      const growing = await driver.staging.grow(upload, 0, undefined, { key: to, sizeBytes: whole.length });
      for (let at = 0; at < whole.length; at += MIB) await growing.write(whole.subarray(at, at + MIB));
      const state = await growing.finish({ sync: false });
      expect(await driver.objects.stat(to)).toBeUndefined();
      await driver.staging.publish(upload, to, whole.length, state);
      await driver.staging.discard(upload);
      const answer = await fetch((await driver.presigns?.presign(to, 60))!);
      expect(Buffer.from(await answer.arrayBuffer()).equals(whole)).toBe(true);
      await endClean(tested);
    }, 60_000);

    it('puts pieces of all sizes together', async () => {
      const tested = await open();
      const { driver } = tested;
      const upload = uploadKey(newUploadId());
      let state: string | undefined;
      let at = 0;
      for (const sizeBytes of [3, 11 * MIB, MIB, MIB, 5, 7 * MIB, 2 * MIB, 100]) {
        const growing = await driver.staging.grow(upload, at, state);
        await growing.write(whole.subarray(at, at + sizeBytes));
        state = await growing.finish({ sync: true });
        at += sizeBytes;
      }
      await driver.staging.publish(upload, to, at, state);
      expect((await readOnce(driver.objects.open(to)))?.equals(whole.subarray(0, at))).toBe(true);
      await driver.staging.discard(upload, state);
      await endClean(tested);
    }, 60_000);
  });
}
