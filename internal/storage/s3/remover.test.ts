import { afterEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../pkg/oci/index.ts';
import type { Key } from '../driver.ts';
import { endClean } from '../fixtures.suite.ts';
import { blobKey } from '../layout.ts';
import { openTestedS3, type TestedS3, type TestedS3Options } from './fixtures.suite.ts';

const AN_HOUR = (): number => 3_600_000;

describe('removing many objects', () => {
  let tested: TestedS3;
  afterEach(() => endClean(tested));

  async function openWith(count: number, options?: TestedS3Options): Promise<readonly Key[]> {
    tested = await openTestedS3(options);
    const keys = Array.from({ length: count }, (_, index) => blobKey(digestOf(Buffer.from(`blob ${index}`))));
    for (const key of keys) tested.server.store.put(key, Buffer.from('content'));
    tested.server.calls.length = 0;
    return keys;
  }
  const removeAll = (keys: readonly Key[], leftMs = AN_HOUR) => tested.driver.objects.removeAll!(keys, leftMs);

  it('takes one call for a thousand', async () => {
    const keys = await openWith(2001);
    expect(await removeAll(keys)).toEqual([]);
    expect(tested.server.calls).toEqual(['DeleteObjects', 'DeleteObjects', 'DeleteObjects']);
    expect(tested.server.store.objects.size).toBe(0);
  });

  it('names the objects of which S3 says that it did not remove them', async () => {
    const keys = await openWith(3);
    tested.server.store.locked.add(keys[1]!);
    const left = await removeAll(keys);
    expect(left).toEqual([
      { item: keys[1], cause: expect.objectContaining({ message: expect.stringContaining('AccessDenied') }) },
    ]);
    expect([...tested.server.store.objects.keys()]).toEqual([keys[1]]);
  });

  it('goes one by one where the service has no such call, and asks for it no more', async () => {
    const keys = await openWith(3, { unable: ['DeleteObjects'] });
    expect(await removeAll(keys.slice(0, 2))).toEqual([]);
    expect(await removeAll(keys.slice(2))).toEqual([]);
    expect(tested.server.calls).toEqual(['DeleteObject', 'DeleteObject', 'DeleteObject']);
    expect(tested.server.refused).toEqual(['DeleteObjects']);
    expect(tested.server.store.objects.size).toBe(0);
  });

  it('names all where the call fails, and begins no other when time is over', async () => {
    const keys = await openWith(1001);
    const failing = await tested.openAgain({ 'storage.s3.secret_access_key': 'wrong' });
    expect(await failing.objects.removeAll!(keys, AN_HOUR)).toHaveLength(1001);
    const deletes = (): number => tested.server.calls.length;
    const answered = await removeAll(keys, () => (deletes() === 0 ? AN_HOUR() : 0));
    expect(answered.map(({ item }) => item)).toEqual(keys.slice(1000));
  });
});
