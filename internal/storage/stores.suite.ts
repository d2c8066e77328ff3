import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf, parseRepositoryName, parseTag } from '../../pkg/oci/index.ts';
import { createBlobStore } from './blobs.ts';
import type { Driver, Key } from './driver.ts';
import { readOnce, type TestedDriver } from './fixtures.suite.ts';
import { BLOBS, childKey, MANIFESTS, recordKey } from './layout.ts';
import { createManifestStore } from './manifests.ts';
import { StorageError, type ManifestRecord } from './types.ts';

const HELLO = Buffer.from('helloworld');

/** What BlobStore and ManifestStore keep over any driver. */
export function describeStores(name: string, open: () => Promise<TestedDriver>): void {
  let tested: TestedDriver;
  let driver: Driver;

  describe(`Stores contract: ${name}`, () => {
    beforeEach(async () => {
      tested = await open();
      driver = tested.driver;
    });
    afterEach(async () => {
      expect(await tested.end()).toEqual([]);
    });

    describe('blobs', () => {
      it('keeps, opens and removes content by its digest', async () => {
        const blobs = createBlobStore(driver.objects);
        const digest = digestOf(HELLO, 'sha512');
        expect(await blobs.stat(digest)).toBeUndefined();
        expect(await blobs.open(digest)).toBeUndefined();
        await blobs.put(digest, HELLO);
        expect(await blobs.stat(digest)).toEqual({ sizeBytes: 10 });
        expect(await readOnce(blobs.open(digest), { start: 5, end: 9 })).toEqual(Buffer.from('world'));
        await blobs.remove(digest);
        await blobs.remove(digest);
        expect(await blobs.stat(digest)).toBeUndefined();
      });

      it('removes the content of many at once, also where some of it is not there', async () => {
        const blobs = createBlobStore(driver.objects);
        const contents = ['', 'a', 'bb', 'ccc'].map((text) => Buffer.from(text));
        for (const bytes of contents) await blobs.put(digestOf(bytes), bytes);
        const [kept, ...gone] = contents.map((bytes) => digestOf(bytes));
        expect(await blobs.removeAll([...gone, digestOf(HELLO)], () => 60_000)).toEqual([]);
        for (const digest of gone) expect(await blobs.stat(digest)).toBeUndefined();
        expect(await blobs.stat(kept!)).toEqual({ sizeBytes: 0 });
        expect(await blobs.removeAll([], () => 60_000)).toEqual([]);
      });

      it('removes nothing when no time is left, and names what stayed', async () => {
        const blobs = createBlobStore(driver.objects);
        await blobs.put(digestOf(HELLO), HELLO);
        expect(await blobs.removeAll([digestOf(HELLO)], () => 0)).toEqual([
          { digest: digestOf(HELLO), cause: expect.any(Error) },
        ]);
        expect(await blobs.stat(digestOf(HELLO))).toEqual({ sizeBytes: 10 });
      });

      it('heals content that went bad when it is put again', async () => {
        const blobs = createBlobStore(driver.objects);
        await blobs.put(digestOf(HELLO), Buffer.from('hellowOrld'));
        await blobs.put(digestOf(HELLO), HELLO);
        expect(await readOnce(blobs.open(digestOf(HELLO)))).toEqual(HELLO);
      });
    });

    describe('a walk over blobs', () => {
      it('meets all content once, of either algorithm, with its size', async () => {
        const blobs = createBlobStore(driver.objects);
        const contents = ['', 'a', 'bb', 'ccc'].map((text) => Buffer.from(text));
        const digests = contents.map((bytes, count) => digestOf(bytes, count % 2 === 0 ? 'sha256' : 'sha512'));
        for (const [count, digest] of digests.entries()) await blobs.put(digest, contents[count]!);
        const found: string[] = [];
        for await (const { digest, sizeBytes, modifiedMs } of blobs.walk()) {
          found.push(`${digest} ${sizeBytes}`);
          expect(modifiedMs).toEqual(expect.any(Number));
        }
        expect(found.toSorted()).toEqual(digests.map((digest, count) => `${digest} ${count}`).toSorted());
      });

      it('passes over what is no content, and meets nothing where there is none', async () => {
        const blobs = createBlobStore(driver.objects);
        expect(await sorted(blobs.walk())).toEqual([]);
        await driver.objects.put(childKey(childKey(BLOBS, 'sha256'), '.DS_Store'), HELLO);
        await driver.objects.put(childKey(BLOBS, digestOf(HELLO)), HELLO);
        await createManifestStore(driver.objects).put({
          repository: parseRepositoryName('a'),
          name: parseTag('v1'),
          digest: digestOf(HELLO),
          mediaType: 'application/vnd.oci.image.index.v1+json',
          sizeBytes: 10,
          timeMs: 0,
          sequence: 1,
        });
        expect(await sorted(blobs.walk())).toEqual([]);
      });
    });

    describe('manifests', () => {
      const record = (repository: string, tag: string, sequence = 1): ManifestRecord => ({
        repository: parseRepositoryName(repository),
        name: parseTag(tag),
        digest: digestOf(Buffer.from(`${repository}:${tag}`)),
        mediaType: 'application/vnd.oci.image.index.v1+json',
        sizeBytes: 10,
        timeMs: 1_700_000_000_123,
        sequence,
      });

      it('keeps names apart that look alike', async () => {
        const manifests = createManifestStore(driver.objects);
        const records = [
          record('a/b', 'v1'),
          record('a_b', 'v1'),
          record('a', 'b'),
          record('a', 'V1'),
          record('a', 'v1'),
        ];
        for (const each of records) await manifests.put(each);
        for (const each of records) expect(await manifests.get(each.repository, each.name)).toEqual(each);
        expect(await sorted(manifests.walk())).toEqual(records.map((each) => JSON.stringify(each)).toSorted());
      });

      it('keeps a manifest under its digest beside its tags', async () => {
        const manifests = createManifestStore(driver.objects);
        const byTag = record('a', 'v1');
        const byDigest = { ...byTag, name: byTag.digest };
        await manifests.put(byTag);
        await manifests.put(byDigest);
        expect(await manifests.get(byTag.repository, byTag.digest)).toEqual(byDigest);
        await manifests.remove(byTag.repository, byTag.name);
        expect(await manifests.get(byTag.repository, byTag.name)).toBeUndefined();
        expect(await manifests.get(byTag.repository, byTag.digest)).toEqual(byDigest);
      });

      it('replaces a record by a later one', async () => {
        const manifests = createManifestStore(driver.objects);
        await manifests.put(record('a', 'v1', 1));
        await manifests.put(record('a', 'v1', 2));
        expect(await manifests.get(parseRepositoryName('a'), parseTag('v1'))).toEqual(record('a', 'v1', 2));
      });

      it('skips what is no record of its place, and says so', async () => {
        const skipped: string[] = [];
        const manifests = createManifestStore(driver.objects, (key, reason) => skipped.push(`${key}: ${reason}`));
        const put = (key: Key, bytes: Uint8Array): Promise<void> => driver.objects.put(key, bytes);
        await manifests.put(record('a', 'good'));
        await put(recordKey(parseRepositoryName('a'), parseTag('torn')), Buffer.from('{"mediaType":'));
        await put(recordKey(parseRepositoryName('a'), parseTag('huge')), Buffer.alloc(100_000, ' '));
        await put(childKey(childKey(MANIFESTS, 'a'), '.DS_Store'), Buffer.from('x'));
        const moved = recordKey(parseRepositoryName('a'), parseTag('moved'));
        await put(moved, (await readOnce(driver.objects.open(recordKey(parseRepositoryName('a'), parseTag('good')))))!);
        expect(await sorted(manifests.walk())).toEqual([JSON.stringify(record('a', 'good'))]);
        expect(skipped.toSorted()).toEqual([
          'manifests/a/.DS_Store: not the name of a record',
          'manifests/a/huge: the record is too large',
          'manifests/a/moved: the record is that of another name',
          'manifests/a/torn: the record is not JSON',
        ]);
        await expect(manifests.get(parseRepositoryName('a'), parseTag('moved'))).rejects.toThrow(StorageError);
      });

      it('names its records without reading them', async () => {
        const skipped: string[] = [];
        const unread = { ...driver.objects, open: () => Promise.reject(new Error('it was read')) };
        await createManifestStore(driver.objects).put(record('a/b', 'V1'));
        await driver.objects.put(recordKey(parseRepositoryName('a'), parseTag('torn')), Buffer.from('{'));
        await driver.objects.put(childKey(childKey(MANIFESTS, 'a'), '.DS_Store'), Buffer.from('x'));
        const manifests = createManifestStore(unread, (key) => skipped.push(key));
        expect(await sorted(manifests.names())).toEqual([
          '{"repository":"a","name":"torn"}',
          '{"repository":"a/b","name":"V1"}',
        ]);
        expect(skipped).toEqual(['manifests/a/.DS_Store']);
      });

      it('does not take a failing disk for a bad record', async () => {
        const busy = { ...driver.objects, open: () => Promise.reject(new StorageError('busy', 'try again')) };
        await createManifestStore(driver.objects).put(record('a', 'v1'));
        await expect(sorted(createManifestStore(busy).walk())).rejects.toMatchObject({ failure: 'busy' });
      });
    });
  });
}

async function sorted(items: AsyncIterable<unknown>): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const item of items) texts.push(JSON.stringify(item));
  return texts.toSorted();
}
