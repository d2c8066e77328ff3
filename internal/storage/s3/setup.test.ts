import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../pkg/oci/index.ts';
import { endClean, failureIn, readOnce } from '../fixtures.suite.ts';
import { blobKey, BLOBS } from '../layout.ts';
import { startFaultProxy, type Fault, type FaultProxy } from '../../testing/s3/fault-proxy.ts';
import type { Operation } from '../../testing/s3/operations.ts';
import type { Driver } from '../driver.ts';
import type { StorageLog } from '../storage-log.ts';
import { NO_SETTINGS, openTestedS3, type TestedS3 } from './fixtures.suite.ts';
import { openS3 } from './driver.ts';
import type { S3Config } from './options.ts';
import { TRIES } from './retry.ts';

const BYTES = Buffer.from('helloworld');
const KEY = blobKey(digestOf(BYTES));
const SURROUNDINGS = { clock: () => 0, uuid: () => '', random: () => 0 };

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The status of a GET that says it is for another host than it goes to. */
function statusOf(url: URL, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (answer) => resolve(answer.resume().statusCode))
      .on('error', reject)
      .end();
  });
}

describe('a bucket that is not set up right', () => {
  let tested: TestedS3;

  beforeEach(async () => {
    tested = await openTestedS3();
  });
  afterEach(() => endClean(tested));

  it.each<[string, Partial<S3Config>, RegExp]>([
    [
      'an unknown access key',
      { 'storage.s3.access_key_id': 'nobody' },
      /^cannot use the bucket: http:\S+ does not know the access key: set storage\.s3\.access_key_id/,
    ],
    [
      'a wrong secret',
      { 'storage.s3.secret_access_key': 'wrong' },
      /the secret does not fit the access key: set storage\.s3\.secret_access_key$/,
    ],
    [
      'a missing bucket',
      { 'storage.s3.bucket': 'nowhere' },
      /there is no bucket nowhere at http:\S+: create it, or set storage\.s3\.bucket$/,
    ],
    ['a wrong region', { 'storage.s3.region': 'eu-west-9' }, /is in another region: set storage\.s3\.region$/],
  ])('says what is wrong and what to set: %s', async (_, settings, line) => {
    const driver = await tested.openAgain(settings);
    const failure = await failureIn(driver.check());
    expect(failure).toMatchObject({ name: 'StorageError', failure: 'busy', message: expect.stringMatching(line) });
    expect(await failureIn(driver.objects.put(KEY, BYTES))).toMatchObject({ failure: 'busy' });
    expect(await failureIn(driver.objects.open(KEY))).toMatchObject({ failure: 'busy' });
    expect(await failureIn(driver.objects.stat(KEY))).toMatchObject({ failure: 'busy' });
    expect(await failureIn(driver.objects.remove(KEY))).toMatchObject({ failure: 'busy' });
  });

  it('says what is wrong where nothing listens, and goes on by itself when something does', async () => {
    const endpoint = `http://127.0.0.1:${await unusedPort()}`;
    const driver = await tested.openAgain({ 'storage.s3.endpoint': endpoint });
    const line = `cannot use the bucket: nothing listens at ${endpoint}: start it, or set storage.s3.endpoint`;
    expect(await failureIn(driver.check())).toMatchObject({ failure: 'busy', message: line });
    const proxy = await startFaultProxy(tested.server.endpoint, Number(new URL(endpoint).port));
    await driver.check();
    await driver.objects.put(KEY, BYTES);
    expect(await driver.objects.stat(KEY)).toMatchObject({ sizeBytes: BYTES.length });
    await proxy.close();
  });

  describe('behind a proxy', () => {
    let proxy: FaultProxy;
    beforeEach(async () => {
      proxy = await startFaultProxy(tested.server.endpoint);
    });
    afterEach(() => proxy.close());
    const open = (own?: { log: StorageLog }): Promise<Driver> =>
      tested.openAgain({ 'storage.s3.endpoint': proxy.endpoint }, own);

    it('says so where the key may read only, and lets read', async () => {
      await tested.driver.objects.put(KEY, BYTES);
      const driver = await open();
      proxy.inject((_, operation) => (operation === 'PutObject' ? 'access denied' : undefined));
      const line = /^cannot write to the bucket: the access key may not do that in bucket \S+: it needs s3:GetObject/;
      for (let turn = 0; turn < 2; turn += 1) {
        expect(await failureIn(driver.check())).toMatchObject({
          failure: 'busy',
          message: expect.stringMatching(line),
        });
      }
      expect(await readOnce(driver.objects.open(KEY))).toEqual(BYTES);
      proxy.inject(() => undefined);
      await driver.check();
      expect([...tested.server.store.objects.keys()]).toEqual([KEY]);
    });

    it('is not taken for empty where somebody answers who is no S3', async () => {
      await tested.driver.objects.put(KEY, BYTES);
      const driver = await open();
      proxy.inject(() => 'missing page');
      const line = `${proxy.endpoint} does not answer as S3 does: check storage.s3.endpoint`;
      const busy = { failure: 'busy', message: expect.stringMatching(new RegExp(`: ${line}$`)) };
      expect(await failureIn(driver.check())).toMatchObject(busy);
      expect(await failureIn(driver.objects.stat(KEY))).toMatchObject(busy);
      expect(await failureIn(driver.objects.open(KEY))).toMatchObject(busy);
      expect(await failureIn(driver.objects.remove(KEY))).toMatchObject(busy);
      expect(await failureIn(driver.objects.put(KEY, BYTES))).toMatchObject(busy);
      const listing = driver.objects.list(BLOBS)[Symbol.asyncIterator]();
      expect(await failureIn(listing.next())).toMatchObject(busy);
    });

    it('looks only once whether it may write, and again when something was refused', async () => {
      const driver = await open();
      await driver.check();
      expect(proxy.calls).toEqual(['HeadBucket', 'PutObject', 'DeleteObject']);
      await driver.check();
      expect(proxy.calls.slice(3)).toEqual(['HeadBucket']);
      proxy.inject(() => 'access denied');
      expect(await failureIn(driver.objects.put(KEY, BYTES))).toMatchObject({ failure: 'busy' });
      proxy.inject(() => undefined);
      await driver.check();
      expect(proxy.calls).toEqual(['HeadBucket', 'PutObject', 'DeleteObject']);
    });

    it.each<[string, Fault, Operation]>([
      ['has no room', 'quota exceeded', 'PutObject'],
      ['asks to slow down', 'slow down', 'PutObject'],
      ['asks to slow down at once', 'slow down', 'HeadBucket'],
    ])('can be used where it %s', async (_, fault, operation) => {
      const driver = await open();
      proxy.inject((_k, asked) => (asked === operation ? fault : undefined));
      expect(await failureIn(driver.check())).toBeUndefined();
    });

    it('is told once, whatever is asked of it meanwhile, and told again when it can be used', async () => {
      const lines: string[] = [];
      const said = { error: (line: string) => void lines.push(line), info: (line: string) => void lines.push(line) };
      proxy.inject(() => 'clock skewed'); // by a clock that agrees with ours: nothing can be corrected
      const driver = await open({ log: said });
      for (let turn = 0; turn < 10; turn += 1) {
        expect(await failureIn(driver.objects.put(KEY, BYTES))).toMatchObject({ failure: 'busy' });
        expect(await failureIn(driver.check())).toMatchObject({ failure: 'busy' });
      }
      const line = `cannot use the bucket: the clocks of this machine and of ${proxy.endpoint} differ too much: set the clock (NTP)`;
      expect(lines).toEqual([`Storage is not available: ${line}`]);
      proxy.inject(() => undefined);
      while (lines.length < 2) await new Promise(setImmediate);
      expect(lines[1]).toBe('Storage is available again');
      await driver.objects.put(KEY, BYTES);
    });

    it('is asked only once by each call while it is away, and again and again as soon as it is back', async () => {
      const driver = await open();
      const callsOf = async (act: () => Promise<unknown>): Promise<number> => {
        proxy.calls.length = 0;
        await failureIn(act());
        return proxy.calls.length;
      };
      const put = (): Promise<void> => driver.objects.put(KEY, BYTES);
      proxy.inject(() => 'reset');
      expect(await callsOf(put)).toBe(TRIES);
      expect(await callsOf(put)).toBe(1);
      expect(await callsOf(() => driver.objects.open(KEY))).toBe(1);
      proxy.inject(() => undefined);
      expect(await callsOf(put)).toBe(1);
      proxy.inject((k) => (k < TRIES ? 'reset' : undefined));
      await put();
      expect(proxy.calls).toHaveLength(TRIES);
    });
  });

  it('does not open without a bucket', async () => {
    const config = { ...NO_SETTINGS, 'storage.s3.region': 'eu-west-1' };
    await expect(openS3({ config, ...SURROUNDINGS })).rejects.toMatchObject({
      failure: 'broken',
      message: 'storage.type is s3: set storage.s3.bucket',
    });
  });

  it('does not open on AWS without a region', async () => {
    const found = { ...process.env };
    Object.assign(process.env, { AWS_CONFIG_FILE: '/dev/null', AWS_REGION: '', AWS_DEFAULT_REGION: '' });
    const config = { ...NO_SETTINGS, 'storage.s3.bucket': 'octo' };
    await expect(openS3({ config, ...SURROUNDINGS })).rejects.toMatchObject({
      failure: 'broken',
      message: 'the region of the bucket is not known: set storage.s3.region',
    });
    process.env = found;
  });
});

describe('a bucket of a service whose clock is another', () => {
  it.each([
    [-3, 'ahead of'],
    [3, 'behind'],
  ])('is used all the same when it is %d hours off, but that is told until it is mended', async (hours, where) => {
    let offMs = hours * 3_600_000;
    const tested = await openTestedS3({ clock: () => Date.now() + offMs });
    const line = `cannot use the bucket: the clock of this machine is 180 minutes ${where} that of ${tested.server.endpoint}: set the clock (NTP)`;
    expect(await failureIn(tested.driver.check())).toMatchObject({ failure: 'busy', message: line });
    await tested.driver.objects.put(KEY, BYTES);
    expect(await readOnce(tested.driver.objects.open(KEY))).toEqual(BYTES);
    offMs = 0;
    await tested.driver.check();
    await endClean(tested);
  });

  it.each([-3, 3])('has URLs signed for its clock when it is %d hours off', async (hours) => {
    const clock = (): number => Date.now() + hours * 3_600_000;
    const tested = await openTestedS3({ clock, settings: { 'storage.s3.redirect': 'on' } });
    await tested.driver.objects.put(KEY, BYTES);
    await tested.driver.objects.stat(blobKey(digestOf(Buffer.from('absent'))));
    const url = await tested.driver.presigns?.presign(KEY, 60);
    expect(await (await fetch(url!)).text()).toBe('helloworld');
    await endClean(tested);
  });
});

describe('a presigned URL', () => {
  it('names the public endpoint, and lets nobody read anything else, nor for longer', async () => {
    let nowMs = Date.now();
    const tested = await openTestedS3({
      clock: () => nowMs,
      settings: { 'storage.s3.public_endpoint': 'http://public.example:9000' },
    });
    await tested.driver.objects.put(KEY, BYTES);
    const url = (await tested.driver.presigns?.presign(KEY, 60))!;
    expect(url.origin).toBe('http://public.example:9000');
    const asked = (change: (at: URL) => void): Promise<number | undefined> => {
      const at = new URL(url.pathname + url.search, tested.server.endpoint);
      change(at);
      return statusOf(at, url.host);
    };
    expect(await asked(() => undefined)).toBe(200);
    expect(await asked((at) => (at.pathname = `${at.pathname.slice(0, -1)}0`))).toBe(403);
    expect(await asked((at) => at.searchParams.set('X-Amz-Expires', '600'))).toBe(403);
    nowMs += 61_000;
    expect(await asked(() => undefined)).toBe(403);
    await endClean(tested);
  });

  it.each([
    ['off', 'http://public.example', false],
    ['auto', undefined, false],
    ['auto', 'http://public.example', true],
    ['on', undefined, true],
  ] as const)('is made where redirect is %s and the public endpoint %s: %p', async (redirect, endpoint, made) => {
    const settings = { 'storage.s3.redirect': redirect, 'storage.s3.public_endpoint': endpoint };
    const tested = await openTestedS3({ settings });
    expect(tested.driver.presigns !== undefined).toBe(made);
    await endClean(tested);
  });
});
