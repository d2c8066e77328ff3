import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../pkg/oci/index.ts';
import type { Content } from '../types.ts';
import { bytesOf, endClean, failureIn, readAll } from '../fixtures.suite.ts';
import { blobKey } from '../layout.ts';
import { startFaultProxy, type FaultProxy } from '../../testing/s3/fault-proxy.ts';
import { openTestedS3, type TestedS3 } from './fixtures.suite.ts';

const BYTES = bytesOf(3_000_000);
const KEY = blobKey(digestOf(BYTES));

describe('reading an object', () => {
  let tested: TestedS3;
  let proxy: FaultProxy;
  let content: Content;
  let garbageBytes: number;

  beforeEach(async () => {
    tested = await openTestedS3();
    garbageBytes = 0;
    await tested.driver.objects.put(KEY, BYTES);
    proxy = await startFaultProxy(tested.server.endpoint);
    const driver = await tested.openAgain(
      { 'storage.s3.endpoint': proxy.endpoint },
      { onGarbage: (count) => void (garbageBytes += count) },
    );
    proxy.inject((k) => (k === 1 ? 'cut body' : undefined));
    content = (await driver.objects.open(KEY))!;
  });
  afterEach(async () => {
    await content.close();
    await proxy.close();
    await endClean(tested);
  });

  it('goes on where the stream broke', async () => {
    expect((await readAll(content)).equals(BYTES)).toBe(true);
    expect(proxy.calls).toEqual(['GetObject', 'GetObject']);
  });

  it('tells of every byte when nobody needs its memory any more, and not before', async () => {
    let before = 0;
    for await (const chunk of content.read()) {
      expect(garbageBytes).toBe(before);
      before += chunk.length;
    }
    expect([before, garbageBytes]).toEqual([BYTES.length, BYTES.length]);
  });

  it('does not go on in another object', async () => {
    await tested.driver.objects.put(KEY, bytesOf(BYTES.length, 'other'));
    expect(await failureIn(readAll(content))).toMatchObject({ name: 'StorageError', failure: 'broken' });
  });

  it('does not go on in an object that is gone', async () => {
    await tested.driver.objects.remove(KEY);
    expect(await failureIn(readAll(content))).toMatchObject({ name: 'StorageError', failure: 'broken' });
  });

  it('ends when the content is closed, and does not begin again', async () => {
    const reading = content.read()[Symbol.asyncIterator]();
    expect((await reading.next()).done).toBe(false);
    await content.close();
    const rest = async (): Promise<void> => {
      while (!(await reading.next()).done);
    };
    expect(await failureIn(rest())).toMatchObject({ name: 'StorageError', failure: 'broken' });
    expect(await failureIn(readAll(content))).toMatchObject({ name: 'StorageError', failure: 'broken' });
    expect(proxy.calls).toEqual(['GetObject']);
  });
});
