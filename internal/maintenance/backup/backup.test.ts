import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  BY,
  byDigest,
  byTag,
  pullBlob,
  pushBlob,
  pushImage,
  pushManifest,
  replaceContent,
  repository,
  storedKeys,
} from '../../registry/fixtures.suite.ts';
import { blobKey } from '../../storage/layout.ts';
import { createSamples } from '../../testing/images.ts';
import { readDump, rebuildFrom, openEmpty } from '../fixtures.suite.ts';
import { liveThrough } from '../history.suite.ts';
import { openBackupRig, restoreFrom, type BackupRig } from './fixtures.suite.ts';

const MIB = 1024 * 1024;
const samples = createSamples('backup');

describe('a backup', () => {
  let rig: BackupRig;
  beforeEach(async () => void (rig = await openBackupRig()));
  afterEach(() => rig.close());

  const make = () => rig.backups().make();
  const later = (): void => void (rig.clock.nowMs += 60_000);

  it.each([31, 32, 33])('brings back all that there was, after the random history of seed %i', async (seed) => {
    await liveThrough(rig, seed);
    await rig.registry.chores.followChanges();
    const { backup } = await make();
    expect(backup).toMatchObject({ lacking: [], program: '1.2.3', host: 'here' });
    const back = await restoreFrom(rig);
    expect(back.problems).toEqual([]);
    expect(back.restored).toMatchObject({ blobs: backup.content.blobs, there: 0, damages: 0, incomplete: [] });
    expect(await readDump(back.catalog, 'logical')).toBe(await readDump(rig.catalog, 'logical'));
    expect(await storedKeys(back.rig, 'blobs')).toEqual(await storedKeys(rig, 'blobs'));
    // The records are there too: the catalog can be made anew from them.
    const rebuilt = await openEmpty();
    await rebuildFrom(back.rig, rebuilt);
    expect(await readDump(rebuilt, 'logical')).toBe(await readDump(rig.catalog, 'logical'));
    await Promise.all([rebuilt.close(), back.close()]);
  });

  it('copies only what the target has not, whatever the sizes', async () => {
    const [small, large] = [samples.blob(1000), samples.blob(2 * MIB)];
    await pushBlob(rig, 'a', small);
    await pushBlob(rig, 'a', large);
    expect((await make()).backup.copied).toEqual({ blobs: 2, bytes: 1000 + 2 * MIB });
    later();
    expect((await make()).backup.copied).toEqual({ blobs: 0, bytes: 0 });
    await rig.targetDriver.objects.put(blobKey(small.digest), Buffer.from('short'));
    later();
    expect((await make()).backup.copied).toEqual({ blobs: 1, bytes: 1000 });
    expect(await rig.target.blobs.stat(small.digest)).toEqual({ sizeBytes: 1000 });
  });

  it('has all that its dump names, though it is pushed, deleted and collected while content is copied', async () => {
    const [old, young] = [samples.image(), samples.image()];
    await pushImage(rig, 'a', old, 'v1');
    let once = true;
    const { blobs } = rig.storage;
    const storage = {
      ...rig.storage,
      blobs: {
        ...blobs,
        open: async (digest: Parameters<typeof blobs.open>[0]) => {
          if (once) {
            once = false;
            await pushImage(rig, 'a', young, 'v1'); // the tag moves
            await rig.registry.manifests.delete(BY, repository('a'), byDigest(old.manifest.digest));
            await rig.collect();
          }
          return blobs.open(digest);
        },
      },
    };
    const { backup } = await rig.backups({ storage }).make();
    expect(backup.lacking).toEqual([]);
    const back = await restoreFrom(rig);
    expect(back.restored).toMatchObject({ damages: 0, incomplete: [], tags: 1 });
    for (const blob of young.blobs) {
      expect((await pullBlob(back.rig, 'a', blob.digest)).equals(blob.bytes)).toBe(true);
    }
    expect(await back.catalog.queries.findManifest(repository('a'), old.manifest.digest)).toBeUndefined();
    await back.close();
  });

  it('keeps collections away from its dump to its last copy, and waits for one that runs', async () => {
    await pushImage(rig, 'a', samples.image(), 'v1');
    const taken: boolean[] = [];
    const tryLease = (holder: string) =>
      rig.catalog.run('takeLease', { name: 'gc', holder, nowMs: rig.clock.nowMs, untilMs: rig.clock.nowMs + 1000 });
    expect(await tryLease('a collection')).toBe(true);
    const catalog = {
      ...rig.catalog,
      queries: rig.catalog.queries,
      run: rig.catalog.run.bind(rig.catalog),
      snapshot: async () => {
        taken.push(await tryLease('another collection'));
        return rig.catalog.snapshot();
      },
    };
    const before = rig.clock.nowMs;
    await rig.backups({ catalog }).make();
    expect(taken).toEqual([false]);
    expect(rig.clock.nowMs).toBeGreaterThanOrEqual(before + 1000);
    expect(await tryLease('a third')).toBe(true);
  });

  it('makes another dump where content was collected all the same', async () => {
    const image = samples.image();
    await pushImage(rig, 'a', image, 'v1');
    let dumps = 0;
    const catalog = {
      ...rig.catalog,
      queries: rig.catalog.queries,
      run: rig.catalog.run.bind(rig.catalog),
      snapshot: async () => {
        const snapshot = await rig.catalog.snapshot();
        if (++dumps > 1) return snapshot;
        // A collector that stood still for so long that it lost its lease, and does not know yet.
        const late = samples.image();
        await pushImage(rig, 'b', late, 'v1');
        const stale = await rig.catalog.snapshot();
        await rig.registry.manifests.delete(BY, repository('b'), byDigest(late.manifest.digest));
        await rig.catalog.run('dropLease', { name: 'gc', holder: await holderOfGc() });
        await rig.collect();
        await snapshot.close();
        return stale;
      },
    };
    let holder = '';
    const run = rig.catalog.run.bind(rig.catalog);
    catalog.run = ((name: string, args: { name?: string; holder?: string }) => {
      if (name === 'takeLease' && args.name === 'gc') holder = args.holder ?? '';
      return run(name as never, args as never);
    }) as typeof catalog.run;
    const holderOfGc = async (): Promise<string> => holder;
    const { backup } = await rig.backups({ catalog }).make();
    expect(dumps).toBe(2);
    expect(backup.lacking).toEqual([]);
    const back = await restoreFrom(rig);
    expect(back.restored).toMatchObject({ damages: 0, tags: 1 });
    await back.close();
  });

  it('is made of what there is where the storage has lost some, and says what', async () => {
    const image = samples.image({ layers: 2 });
    const index = samples.index([image.manifest]);
    await pushImage(rig, 'a', image, 'v1');
    await pushManifest(rig, 'a', index, 'all');
    await pushImage(rig, 'b', samples.image(), 'fine');
    const [gone, flipped] = [image.blobs[1]!, image.blobs[2]!];
    await rig.storage.blobs.remove(gone.digest);
    await replaceContent(rig, flipped.digest, Buffer.alloc(flipped.bytes.length, 1));
    const { backup } = await make();
    expect([...backup.lacking].toSorted((a, b) => a.reason.localeCompare(b.reason))).toEqual([
      { digest: gone.digest, reason: 'it is missing' },
      { digest: flipped.digest, reason: 'its bytes are not what its digest says' },
    ]);
    expect(rig.logged.at(-1)).toMatchObject({
      message: expect.stringContaining('without content'),
      fields: { lacking: 2 },
    });
    const back = await restoreFrom(rig);
    expect(back.problems).toHaveLength(2);
    expect(back.restored.incomplete.map(({ repository: name, tag }) => `${name}:${tag}`)).toEqual(['a:all', 'a:v1']);
    await back.close();
  });

  it('is none where most of the storage is away', async () => {
    await pushImage(rig, 'a', samples.image(), 'v1');
    const storage = {
      ...rig.storage,
      blobs: { ...rig.storage.blobs, open: async () => undefined },
      check: () => Promise.reject(new Error('the disk is away')),
    };
    await expect(rig.backups({ storage }).make()).rejects.toThrow('the disk is away');
    expect((await rig.backups().list())?.backups).toEqual([]);
  });

  it('that broke off is not counted, leaves nothing but content, and goes on where it was', async () => {
    await pushBlob(rig, 'a', samples.blob(1000));
    await pushBlob(rig, 'a', samples.blob(MIB));
    const full = {
      ...rig.target,
      backups: { ...rig.target.backups, write: () => Promise.reject(new Error('the target is full')) },
    };
    await expect(rig.backups({ openTarget: async () => full }).make()).rejects.toThrow('the target is full');
    expect(await rig.backups().list()).toEqual({ backups: [], unreadable: [], unfinished: [] });
    expect(await rig.backups().status()).toMatchObject({ lastMs: undefined });
    await expect(restoreFrom(rig)).rejects.toThrow('there is no backup');
    later();
    expect((await make()).backup).toMatchObject({ content: { blobs: 2 }, copied: { blobs: 0 } });
  });

  it('clears up after one whose process was killed', async () => {
    await pushBlob(rig, 'a', samples.blob(1000));
    const killed = {
      ...rig.target,
      backups: {
        ...rig.target.backups,
        put: async (...args: Parameters<typeof rig.target.backups.put>) => {
          if (args[1] === 'json') throw new Error('killed');
          return rig.target.backups.put(...args);
        },
        remove: () => Promise.reject(new Error('killed')),
      },
    };
    await expect(rig.backups({ openTarget: async () => killed }).make()).rejects.toThrow('killed');
    await rig.targetDriver.objects.put('uploads/0b8d7a4e-5f5c-4b47-8d5b-6a4c4a0f0a01' as never, Buffer.from('half'));
    expect((await rig.backups().list())?.unfinished).toHaveLength(1);
    await expect(restoreFrom(rig, '2026')).rejects.toThrow('begun and never finished');
    later();
    await make();
    expect(await rig.backups().list()).toMatchObject({ backups: [{}], unfinished: [] });
    expect(await storedTarget('uploads')).toEqual([]);
    expect(await storedTarget('backups')).toHaveLength(2);
  });

  it('ends at once when it is cancelled', async () => {
    await pushBlob(rig, 'a', samples.blob(1000));
    const cancelled = new AbortController();
    const { blobs } = rig.storage;
    const open = async (digest: Parameters<typeof blobs.open>[0]) => {
      cancelled.abort(new Error('cancelled'));
      return blobs.open(digest);
    };
    const storage = { ...rig.storage, blobs: { ...blobs, open } };
    await expect(rig.backups({ storage }).make({ signal: cancelled.signal })).rejects.toThrow('cancelled');
    expect(await rig.backups().list()).toEqual({ backups: [], unreadable: [], unfinished: [] });
  });

  it('is made once at a time for a registry', async () => {
    await pushBlob(rig, 'a', samples.blob(1000));
    const both = await Promise.allSettled([make(), make()]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = both.find((each) => each.status === 'rejected');
    expect(refused?.reason).toMatchObject({ failure: 'busy' });
  });

  it('waits for one whose process was killed, where it is asked to, and for no other', async () => {
    const lease = (untilMs: number) => ({ name: 'backup', holder: 'killed', nowMs: rig.clock.nowMs, untilMs });
    await rig.catalog.run('takeLease', lease(rig.clock.nowMs + 30_000));
    await expect(make()).rejects.toMatchObject({ failure: 'busy' });
    expect((await rig.backups().make({ waits: true })).backup.lacking).toEqual([]);
    await rig.catalog.run('takeLease', lease(rig.clock.nowMs + 3_600_000));
    await expect(rig.backups().make({ waits: true })).rejects.toMatchObject({ failure: 'busy' });
  });

  it('is refused where another registry is making one in the same target, and made when that one is silent', async () => {
    const begun = JSON.stringify({ registry: 'another', aliveMs: rig.clock.nowMs });
    const [name] = ['2026-01-01T00-00-01Z' as never];
    await rig.target.backups.put(name, 'begun', Buffer.from(begun));
    await expect(make()).rejects.toMatchObject({ failure: 'busy' });
    expect((await rig.backups().list())?.unfinished).toEqual([name]);
    rig.clock.nowMs += 11 * 60_000;
    expect((await make()).backup.lacking).toEqual([]);
  });

  it('is none where another began in the same target before it was finished', async () => {
    await pushBlob(rig, 'a', samples.blob(1000));
    const { backups } = rig.target;
    const put: typeof backups.put = async (name, file, bytes) => {
      await backups.put(name, file, bytes);
      if (file === 'json') await backups.remove(name, 'begun'); // as another does that takes this one for dead
    };
    const target = { ...rig.target, backups: { ...backups, put } };
    await expect(rig.backups({ openTarget: async () => target }).make()).rejects.toMatchObject({ failure: 'busy' });
    expect((await rig.backups().list())?.backups).toEqual([]);
  });

  it('is named after its second, and after the next one where that is taken', async () => {
    expect([(await make()).backup.name, (await make()).backup.name]).toEqual([
      '2026-01-01T00-00-00Z',
      '2026-01-01T00-00-01Z',
    ]);
  });

  it('holds no tag that was deleted before', async () => {
    const image = samples.image();
    await pushImage(rig, 'a', image, 'v1', 'v2');
    await rig.registry.manifests.delete(BY, repository('a'), byTag('v2'));
    await make();
    const back = await restoreFrom(rig);
    expect(await back.catalog.queries.listTags(repository('a'), { limit: 9 })).toEqual(['v1']);
    await back.close();
  });

  const storedTarget = (folder: string) => storedKeys({ ...rig, driver: rig.targetDriver }, folder);
});
