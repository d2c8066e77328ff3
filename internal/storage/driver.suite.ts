import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf, parseRepositoryName, parseTag } from '../../pkg/oci/index.ts';
import type { Driver, Key } from './driver.ts';
import { bytesOf, newUploadId, readAll, readOnce, type TestedDriver } from './fixtures.suite.ts';
import { BLOBS, blobKey, MANIFESTS, recordKey, uploadKey, UPLOADS } from './layout.ts';

const MIB = 1024 * 1024;
const SMALL = Buffer.from('helloworld');
const LARGE = bytesOf(3 * MIB + 5);

/** What grew, with all that is needed to go on with it. */
interface Grown {
  readonly key: Key;
  readonly state: string | undefined;
}

/** In what drivers differ. */
export interface DriverTraits {
  /** Whether somebody else vouches for the bytes that are kept; on a disk they may go bad. */
  readonly vouchedFor?: boolean;
}

/** What every driver keeps. */
export function describeDriver(
  name: string,
  open: () => Promise<TestedDriver>,
  { vouchedFor = false }: DriverTraits = {},
): void {
  let tested: TestedDriver;
  let driver: Driver;
  const keyOf = (bytes: Uint8Array): Key => blobKey(digestOf(bytes));
  const keysOf = async (entries: AsyncIterable<{ readonly key: Key }>): Promise<readonly string[]> => {
    const keys: string[] = [];
    for await (const { key } of entries) keys.push(key);
    return keys.toSorted();
  };
  const keysBelow = async (prefix: Key): Promise<readonly string[]> => {
    const keys = await keysOf(driver.objects.list(prefix));
    if (driver.objects.keys) expect(await keysOf(driver.objects.keys(prefix))).toEqual(keys);
    return keys;
  };
  const grownOn = async (
    { key, state }: Grown,
    at: number,
    chunks: readonly Uint8Array[],
    sync = true,
  ): Promise<Grown> => {
    const growing = await driver.staging.grow(key, at, state);
    for (const chunk of chunks) await growing.write(chunk);
    return { key, state: await growing.finish({ sync }) };
  };
  const grown = (...chunks: readonly Uint8Array[]): Promise<Grown> =>
    grownOn({ key: uploadKey(newUploadId()), state: undefined }, 0, chunks);
  const readGrown = ({ key, state }: Grown, sizeBytes: number): Promise<Buffer | undefined> =>
    readOnce(driver.staging.open(key, sizeBytes, state));
  const publish = ({ key, state }: Grown, bytes: Uint8Array, sizeBytes = bytes.length): Promise<void> =>
    driver.staging.publish(key, keyOf(bytes), sizeBytes, state);
  const discard = ({ key, state }: Grown): Promise<void> => driver.staging.discard(key, state);
  const read = (key: Key): Promise<Buffer | undefined> => readOnce(driver.objects.open(key));

  describe(`Driver contract: ${name}`, () => {
    beforeEach(async () => {
      tested = await open();
      driver = tested.driver;
    });
    afterEach(async () => {
      const strays = await keysBelow(UPLOADS);
      const left = await tested.end();
      expect([...strays, ...left]).toEqual([]);
    });

    it('can be used as soon as it is open', async () => {
      await driver.check();
    });

    it('answers undefined for a key never written', async () => {
      expect(await driver.objects.stat(keyOf(SMALL))).toBeUndefined();
      expect(await driver.objects.open(keyOf(SMALL))).toBeUndefined();
      expect(await driver.staging.open(uploadKey(newUploadId()), 0)).toBeUndefined();
    });

    it('lists nothing where nothing was written', async () => {
      expect(await keysBelow(BLOBS)).toEqual([]);
      expect(await keysBelow(MANIFESTS)).toEqual([]);
    });

    it('keeps whole objects under their keys', async () => {
      const record = recordKey(parseRepositoryName('a/b'), parseTag('V1'));
      await driver.objects.put(keyOf(LARGE), LARGE);
      await driver.objects.put(record, SMALL);
      await driver.objects.put(keyOf(Buffer.alloc(0)), Buffer.alloc(0));
      expect((await read(keyOf(LARGE)))?.equals(LARGE)).toBe(true);
      expect(await read(record)).toEqual(SMALL);
      expect(await read(keyOf(Buffer.alloc(0)))).toEqual(Buffer.alloc(0));
      expect(await driver.objects.stat(keyOf(LARGE))).toMatchObject({ key: keyOf(LARGE), sizeBytes: LARGE.length });
      expect(await keysBelow(BLOBS)).toHaveLength(2);
      expect(await keysBelow(MANIFESTS)).toEqual([record]);
    });

    it('puts an object in place of another, and who reads the other goes on reading it', async () => {
      const key = keyOf(LARGE);
      await driver.objects.put(key, LARGE);
      const before = await driver.objects.open(key);
      await driver.objects.put(key, SMALL);
      expect((await readAll(before!)).equals(LARGE)).toBe(true);
      await before?.close();
      expect(await read(key)).toEqual(SMALL);
    });

    it('keeps one of two objects that are put at once, whole', async () => {
      const other = bytesOf(LARGE.length, 'other');
      await Promise.all([driver.objects.put(keyOf(LARGE), LARGE), driver.objects.put(keyOf(LARGE), other)]);
      const found = await read(keyOf(LARGE));
      expect(found?.equals(LARGE) || found?.equals(other)).toBe(true);
    });

    it('removes an object, and does nothing where there is none', async () => {
      await driver.objects.put(keyOf(SMALL), SMALL);
      await driver.objects.remove(keyOf(SMALL));
      await driver.objects.remove(keyOf(SMALL));
      await driver.objects.remove(keyOf(LARGE));
      expect(await driver.objects.stat(keyOf(SMALL))).toBeUndefined();
    });

    it('reads ranges, both ends included', async () => {
      await driver.objects.put(keyOf(LARGE), LARGE);
      const content = await driver.objects.open(keyOf(LARGE));
      for (const [start, end] of [
        [0, 0],
        [5, 9],
        [MIB - 1, MIB],
        [MIB, 2 * MIB - 1],
        [17, LARGE.length - 2],
        [LARGE.length - 1, LARGE.length - 1],
        [0, LARGE.length - 1],
      ] as const) {
        expect((await readAll(content!, { start, end })).equals(LARGE.subarray(start, end + 1))).toBe(true);
      }
      await expect(readAll(content!, { start: 0, end: LARGE.length })).rejects.toThrow(RangeError);
      await content?.close();
    });

    it('lets two readers of one open object alone', async () => {
      await driver.objects.put(keyOf(LARGE), LARGE);
      const content = await driver.objects.open(keyOf(LARGE));
      const [one, other] = await Promise.all([readAll(content!), readAll(content!, { start: 1, end: 2 * MIB })]);
      expect(one.equals(LARGE) && other.equals(LARGE.subarray(1, 2 * MIB + 1))).toBe(true);
      await content?.close();
    });

    it('takes everything back from a read that is abandoned', async () => {
      await driver.objects.put(keyOf(LARGE), LARGE);
      const returned = await driver.objects.open(keyOf(LARGE));
      for await (const chunk of returned!.read()) if (chunk.length > 0) break;
      await returned?.close();
      const dropped = await driver.objects.open(keyOf(LARGE));
      await dropped!.read()[Symbol.asyncIterator]().next(); // and never again, nor return()
      await dropped?.close();
    });

    it('goes on with what grew, and discards what lies past the offset', async () => {
      const upload = await grown(SMALL, LARGE);
      const on = await grownOn(upload, 5, [Buffer.from(' you')]);
      expect(await readGrown(on, 9)).toEqual(Buffer.from('hello you'));
      await expect(readGrown(on, 10)).rejects.toMatchObject({ failure: 'broken' });
      await discard(on);
    });

    it('goes on any number of times, with little and with much', async () => {
      let upload = await grown(LARGE);
      let expected = LARGE;
      for (const chunk of [SMALL, LARGE, SMALL, SMALL, bytesOf(MIB, 'more')]) {
        upload = await grownOn(upload, expected.length, [chunk]);
        expected = Buffer.concat([expected, chunk]);
      }
      expect((await readGrown(upload, expected.length))?.equals(expected)).toBe(true);
      await publish(upload, expected);
      expect((await read(keyOf(expected)))?.equals(expected)).toBe(true);
      await discard(upload);
    });

    it('reads ranges of what grew', async () => {
      const upload = await grownOn(await grown(SMALL), 5, [LARGE]);
      const bytes = Buffer.concat([SMALL.subarray(0, 5), LARGE]);
      const content = await driver.staging.open(upload.key, bytes.length, upload.state);
      for (const [start, end] of [
        [0, 4],
        [3, 20],
        [5, 5],
        [MIB, bytes.length - 1],
      ] as const) {
        expect((await readAll(content!, { start, end })).equals(bytes.subarray(start, end + 1))).toBe(true);
      }
      await content?.close();
      await discard(upload);
    });

    it('starts again from nothing at offset 0', async () => {
      const upload = await grown(LARGE);
      const again = await grownOn(upload, 0, [SMALL], false);
      await publish(again, SMALL);
      expect(await read(keyOf(SMALL))).toEqual(SMALL);
      await discard(again);
    });

    it('does not go on where there is less than was said', async () => {
      const upload = await grown(SMALL);
      const broken = { failure: 'broken' };
      await expect(driver.staging.grow(upload.key, 11, upload.state)).rejects.toMatchObject(broken);
      await expect(driver.staging.grow(uploadKey(newUploadId()), 1)).rejects.toMatchObject(broken);
      await expect(publish(upload, SMALL, 11)).rejects.toMatchObject(broken);
      expect(await driver.objects.stat(keyOf(SMALL))).toBeUndefined();
      await discard(upload);
    });

    it('lists what grows, with the time of its last write', async () => {
      const upload = await grown(SMALL);
      for await (const entry of driver.objects.list(UPLOADS)) {
        expect(entry).toEqual({ key: upload.key, sizeBytes: SMALL.length, modifiedMs: expect.any(Number) });
      }
      expect(await keysBelow(UPLOADS)).toEqual([upload.key]);
      await discard(upload);
    });

    it('discards what grew also without its state', async () => {
      const { key } = await grownOn(await grown(LARGE), LARGE.length, [SMALL]);
      await driver.staging.discard(key);
      expect(await keysBelow(UPLOADS)).toEqual([]);
    });

    it('publishes the first bytes of what grew, and keeps the source', async () => {
      const upload = await grown(SMALL, Buffer.from('surplus'));
      await publish(upload, SMALL);
      expect(await read(keyOf(SMALL))).toEqual(SMALL);
      expect(await keysBelow(UPLOADS)).toEqual([upload.key]);
      await publish(upload, SMALL);
      await discard(upload);
      await discard(upload);
      expect(await read(keyOf(SMALL))).toEqual(SMALL);
    });

    it('publishes the same content from several uploads at once', async () => {
      const uploads = await Promise.all(Array.from({ length: 8 }, () => grown(LARGE)));
      await Promise.all(uploads.map((upload) => publish(upload, LARGE)));
      await Promise.all(uploads.map(discard));
      expect((await read(keyOf(LARGE)))?.equals(LARGE)).toBe(true);
      expect(await keysBelow(BLOBS)).toEqual([keyOf(LARGE)]);
    });

    it('publishes over what has the wrong size, also twice at once', async () => {
      await driver.objects.put(keyOf(LARGE), SMALL);
      const upload = await grown(LARGE);
      await Promise.all([publish(upload, LARGE), publish(upload, LARGE)]);
      expect((await read(keyOf(LARGE)))?.equals(LARGE)).toBe(true);
      await discard(upload);
    });

    const whatIsThere = vouchedFor
      ? 'keeps what is there in the right size: the service vouches for it'
      : 'replaces what is there, even where its size is right: it may have gone bad';
    it(whatIsThere, async () => {
      const there = bytesOf(SMALL.length, 'there');
      await driver.objects.put(keyOf(SMALL), there);
      const upload = await grown(SMALL);
      await publish(upload, SMALL);
      expect(await read(keyOf(SMALL))).toEqual(vouchedFor ? there : SMALL);
      await discard(upload);
    });

    it('leaves what was published alone when its source grows on', async () => {
      const upload = await grown(SMALL);
      await publish(upload, SMALL);
      const on = await grownOn(upload, 5, [Buffer.from('WORLD and more')]);
      expect(await read(keyOf(SMALL))).toEqual(SMALL);
      expect(await readGrown(on, 10)).toEqual(Buffer.from('helloWORLD'));
      const again = await grownOn(on, 0, [], false);
      expect(await read(keyOf(SMALL))).toEqual(SMALL);
      await discard(again);
    });

    it('publishes again what was removed meanwhile', async () => {
      const upload = await grown(SMALL);
      await publish(upload, SMALL);
      await driver.objects.remove(keyOf(SMALL));
      await publish(upload, SMALL);
      expect(await read(keyOf(SMALL))).toEqual(SMALL);
      await discard(upload);
    });

    it('shows nothing at its destination of what is not published', async () => {
      const key = uploadKey(newUploadId());
      const destination = { key: keyOf(LARGE), sizeBytes: LARGE.length };
      const growing = await driver.staging.grow(key, 0, undefined, destination);
      await growing.write(LARGE);
      const upload = { key, state: await growing.finish({ sync: false }) };
      expect(await driver.objects.stat(keyOf(LARGE))).toBeUndefined();
      await publish(upload, LARGE);
      expect((await read(keyOf(LARGE)))?.equals(LARGE)).toBe(true);
      await publish(upload, LARGE);
      await discard(upload);
      expect((await read(keyOf(LARGE)))?.equals(LARGE)).toBe(true);
    });

    it('discards what has a destination, also without its state', async () => {
      const key = uploadKey(newUploadId());
      const destination = { key: keyOf(LARGE), sizeBytes: LARGE.length };
      const growing = await driver.staging.grow(key, 0, undefined, destination);
      await growing.write(LARGE);
      await growing.finish({ sync: false });
      await driver.staging.discard(key);
      expect(await driver.objects.stat(keyOf(LARGE))).toBeUndefined();
    });
  });
}
