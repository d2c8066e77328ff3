import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseTag } from '../../pkg/oci/index.ts';
import {
  BY,
  byTag,
  newUploadId,
  openRig,
  pushBlob,
  pushImage,
  replaceContent,
  repository,
  storedKeys,
  type Rig,
} from '../registry/fixtures.suite.ts';
import { recordKey } from '../storage/layout.ts';
import { createSamples } from '../testing/images.ts';
import { createTold, openEmpty, readDump, rebuildFrom } from './fixtures.suite.ts';
import { liveThrough } from './history.suite.ts';
import { migrateStorage, type MigrateDeps } from './migrate-storage.ts';

const samples = createSamples('migrate');
const MIB = 1024 * 1024;

describe('migrating storage', () => {
  let from: Rig;
  let to: Rig;
  beforeEach(async () => {
    [from, to] = await Promise.all([openRig(), openRig()]);
  });
  afterEach(async () => {
    await Promise.all([from.close(), to.close()]);
  });

  async function migrate(options: Partial<MigrateDeps> = {}) {
    const { problems, progress, onProblem, onProgress } = createTold();
    const deps = { from: from.storage, storage: to.storage, newUploadId, onProblem, onProgress };
    return { ...(await migrateStorage({ ...deps, ...options })), problems, progress };
  }
  const allKeys = async (rig: Rig): Promise<readonly string[]> =>
    (await Promise.all(['blobs', 'manifests', 'uploads'].map((folder) => storedKeys(rig, folder)))).flat();

  it('brings everything that a catalog can be rebuilt from', async () => {
    await liveThrough(from, 5);
    const { problems, blobs, records, there } = await migrate();
    expect(problems).toEqual([]);
    expect(await allKeys(to)).toEqual(await allKeys(from));
    expect(blobs + records).toBe((await allKeys(from)).length);
    expect(there).toBe(0);
    const rebuilt = await openEmpty();
    await rebuildFrom(to, rebuilt);
    expect(await readDump(rebuilt, 'logical')).toBe(await readDump(from.catalog, 'logical'));
    await rebuilt.close();
  });

  it('streams large content, and leaves nothing on the way', async () => {
    const large = samples.blob(5 * MIB);
    await pushBlob(from, 'a', large);
    expect(await migrate()).toMatchObject({ blobs: 1, bytes: large.size });
    const content = await to.storage.blobs.open(large.digest);
    const chunks: Uint8Array[] = [];
    for await (const chunk of content!.read()) chunks.push(new Uint8Array(chunk));
    await content?.close();
    expect(Buffer.concat(chunks).equals(large.bytes)).toBe(true);
    expect(await storedKeys(to, 'uploads')).toEqual([]);
  });

  it('measures its progress in bytes', async () => {
    const blobs = [samples.blob(1000), samples.blob(500 * 1024)];
    for (const blob of blobs) await pushBlob(from, 'a', blob);
    const sum = 1000 + 500 * 1024;
    expect((await migrate()).progress).toEqual({ all: sum, sum });
  });

  it('brings only what is new when it runs again, and content of another size anew', async () => {
    const image = samples.image();
    await pushImage(from, 'a', image, 'v1');
    await from.registry.chores.followChanges();
    await migrate();
    expect(await migrate()).toMatchObject({ blobs: 0, records: 0, there: 6 });
    await pushImage(from, 'a', samples.image({ layers: 1 }), 'v1');
    await from.registry.chores.followChanges();
    await replaceContent(to, image.blobs[1]!.digest, Buffer.from('short'));
    expect(await migrate()).toMatchObject({ blobs: 3 + 1, records: 2, skipped: 0 });
    expect(await to.storage.blobs.stat(image.blobs[1]!.digest)).toEqual({ sizeBytes: 100 });
    expect((await to.storage.manifests.get(repository('a'), parseTag('v1')))?.digest).not.toBe(image.manifest.digest);
  });

  it('counts the records that are left there of names that are gone', async () => {
    await pushImage(from, 'a', samples.image(), 'v1', 'v2');
    await from.registry.chores.followChanges();
    expect(await migrate()).toMatchObject({ stale: 0 });
    await from.registry.manifests.delete(BY, repository('a'), byTag('v1'));
    await from.registry.chores.followChanges();
    expect(await migrate()).toMatchObject({ records: 0, stale: 1 });
  });

  it.each([100, 5 * MIB])(
    'leaves out content of %i bytes that is not what its digest says, and tells',
    async (size) => {
      const blob = samples.blob(size);
      await pushBlob(from, 'a', blob);
      await replaceContent(from, blob.digest, Buffer.alloc(size, 1));
      const { problems, skipped, blobs } = await migrate();
      expect({ skipped, blobs }).toEqual({ skipped: 1, blobs: 0 });
      expect(problems).toEqual([{ kind: 'blob of wrong content', digest: blob.digest, detail: 'it was not copied' }]);
      expect(await allKeys(to)).toEqual([]);
    },
  );

  it('leaves out a record that cannot be read, and tells', async () => {
    await from.driver.objects.put(recordKey(repository('a'), parseTag('torn')), Buffer.from('{'));
    expect((await migrate()).problems).toEqual([
      {
        kind: 'record unreadable',
        repository: 'a',
        name: 'torn',
        detail: 'it was not copied: the record is not JSON',
      },
    ]);
  });

  it('brings no record before all content is there', async () => {
    await pushImage(from, 'a', samples.image(), 'v1');
    await from.registry.chores.followChanges();
    const { manifests, uploads } = to.storage;
    const order: string[] = [];
    const storage = {
      ...to.storage,
      uploads: {
        ...uploads,
        publish: async (...args: Parameters<typeof uploads.publish>) => {
          await new Promise(setImmediate);
          order.push('blob');
          return uploads.publish(...args);
        },
      },
      manifests: {
        ...manifests,
        put: async (...args: Parameters<typeof manifests.put>) => {
          order.push('record');
          return manifests.put(...args);
        },
      },
    };
    await migrate({ storage });
    expect(order).toEqual(['blob', 'blob', 'blob', 'blob', 'record', 'record']);
  });

  it('gives back what an upload took when the other storage fails', async () => {
    await pushBlob(from, 'a', samples.blob(MIB));
    const { uploads } = to.storage;
    const storage = { ...to.storage, uploads: { ...uploads, publish: () => Promise.reject(new Error('full')) } };
    await expect(migrate({ storage })).rejects.toThrow('full');
    expect(await allKeys(to)).toEqual([]);
  });
});
