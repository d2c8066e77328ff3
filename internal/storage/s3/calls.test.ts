import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../pkg/oci/index.ts';
import type { Growing, Key } from '../driver.ts';
import { bytesOf, endClean, newUploadId, readOnce } from '../fixtures.suite.ts';
import { blobKey, uploadKey } from '../layout.ts';
import { openTestedS3, SMALL_LIMITS, type TestedS3 } from './fixtures.suite.ts';

const SMALL = Buffer.from('helloworld');
const { partBytes, wholeCopyBytes } = SMALL_LIMITS;
const PARTS = bytesOf(3 * partBytes);
const HUGE = bytesOf(wholeCopyBytes + 1);

const keyOf = (bytes: Uint8Array): Key => blobKey(digestOf(bytes));

/** What it costs: each call to S3 is money and time. */
describe('the calls of a push', () => {
  let tested: TestedS3;
  let upload: Key;
  const callsOf = async (act: () => Promise<unknown>): Promise<readonly string[]> => {
    tested.server.calls.length = 0;
    await act();
    return [...tested.server.calls];
  };
  const finish = async (growing: Growing, bytes: Uint8Array, sync: boolean): Promise<string | undefined> => {
    for (let at = 0; at < bytes.length; at += 50_000) await growing.write(bytes.subarray(at, at + 50_000));
    return growing.finish({ sync });
  };

  beforeEach(async () => {
    tested = await openTestedS3();
    upload = uploadKey(newUploadId());
  });
  afterEach(() => endClean(tested));

  const pushAtOnce = async (bytes: Uint8Array): Promise<void> => {
    const { staging } = tested.driver;
    const destination = { key: keyOf(bytes), sizeBytes: bytes.length };
    const state = await finish(await staging.grow(upload, 0, undefined, destination), bytes, false);
    await staging.publish(upload, keyOf(bytes), bytes.length, state);
    await staging.discard(upload);
    expect((await readOnce(tested.driver.objects.open(keyOf(bytes))))?.equals(bytes)).toBe(true);
  };
  const pushInTwo = async (bytes: Uint8Array): Promise<void> => {
    const { staging } = tested.driver;
    const state = await finish(await staging.grow(upload, 0), bytes, true);
    const last = await (await staging.grow(upload, bytes.length, state)).finish({ sync: false });
    await staging.publish(upload, keyOf(bytes), bytes.length, last);
    await staging.discard(upload, last);
    expect((await readOnce(tested.driver.objects.open(keyOf(bytes))))?.equals(bytes)).toBe(true);
  };

  it('are one where all comes with one request, and fits into one part', async () => {
    const calls = ['PutObject', 'GetObject'];
    expect(await callsOf(() => pushAtOnce(SMALL))).toEqual(calls);
    expect(await callsOf(() => pushAtOnce(bytesOf(partBytes)))).toEqual(calls);
  });

  it('bring the parts straight to their place where all comes with one request', async () => {
    expect(await callsOf(() => pushAtOnce(PARTS))).toEqual([
      'CreateMultipartUpload',
      'UploadPart',
      'UploadPart',
      'UploadPart',
      'HeadObject',
      'CompleteMultipartUpload',
      'HeadObject',
      'GetObject',
    ]);
  });

  it('let S3 copy what came with an earlier request', async () => {
    const published = ['HeadObject', 'CopyObject', 'HeadObject', 'DeleteObject', 'GetObject'];
    expect(await callsOf(() => pushInTwo(SMALL))).toEqual(['PutObject', ...published]);
    const parts = ['UploadPart', 'UploadPart', 'UploadPart'];
    const stored = ['CreateMultipartUpload', ...parts, 'CompleteMultipartUpload', 'HeadObject'];
    expect(await callsOf(() => pushInTwo(PARTS))).toEqual([...stored, ...published]);
  });

  it('let S3 copy what is large in parts, side by side', async () => {
    const calls = await callsOf(() => pushInTwo(HUGE));
    expect(calls.filter((call) => call === 'UploadPartCopy')).toHaveLength(3);
    expect(calls).not.toContain('CopyObject');
  });

  it('copy nothing where the content is there already', async () => {
    await pushInTwo(SMALL);
    expect(await callsOf(() => pushInTwo(SMALL))).toEqual(['PutObject', 'HeadObject', 'DeleteObject', 'GetObject']);
  });

  it('are none to give up what was never stored', async () => {
    const { staging } = tested.driver;
    await finish(await staging.grow(upload, 0), SMALL, false);
    expect(await callsOf(() => staging.discard(upload))).toEqual([]);
  });

  it('look once for what an upload left that nobody here knows', async () => {
    expect(await callsOf(() => tested.driver.staging.discard(upload))).toEqual([
      'ListObjectsV2',
      'ListMultipartUploads',
    ]);
  });
});

describe('the calls of a pull', () => {
  it('are one for all of an object, and one more for a later range', async () => {
    const tested = await openTestedS3();
    const { objects } = tested.driver;
    await objects.put(keyOf(PARTS), PARTS);
    tested.server.calls.length = 0;
    expect((await readOnce(objects.open(keyOf(PARTS))))?.equals(PARTS)).toBe(true);
    expect(tested.server.calls).toEqual(['GetObject']);
    const part = await readOnce(objects.open(keyOf(PARTS)), { start: 5, end: 9 });
    expect(part).toEqual(PARTS.subarray(5, 10));
    expect(tested.server.calls).toEqual(['GetObject', 'GetObject', 'GetObject']);
    await endClean(tested);
  });
});

describe('a service that cannot copy into parts', () => {
  it('has the bytes sent again, and is asked for such copies only once', async () => {
    const tested = await openTestedS3({ unable: ['UploadPartCopy'] });
    const { staging, objects } = tested.driver;
    for (const bytes of [HUGE, bytesOf(HUGE.length, 'other')]) {
      const upload = uploadKey(newUploadId());
      const growing = await staging.grow(upload, 0);
      await growing.write(bytes);
      const state = await growing.finish({ sync: true });
      await staging.publish(upload, keyOf(bytes), bytes.length, state);
      await staging.discard(upload, state);
      expect((await readOnce(objects.open(keyOf(bytes))))?.equals(bytes)).toBe(true);
    }
    expect(tested.server.refused.filter((call) => call === 'UploadPartCopy').length).toBeLessThanOrEqual(3);
    await endClean(tested);
  });
});
