import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { OCI_IMAGE_MANIFEST, parseTag, type Digest } from '../../pkg/oci/index.ts';
import type { Catalog } from '../catalog/index.ts';
import {
  BY,
  byTag,
  openRig,
  pushBlob,
  pushImage,
  pushManifest,
  replaceContent,
  repository,
  useRig,
} from '../registry/fixtures.suite.ts';
import { recordKey } from '../storage/layout.ts';
import type { ManifestRecord } from '../storage/index.ts';
import { createSamples, describeSample, toManifest, type SampleImage } from '../testing/images.ts';
import { createAlone, type Alone } from './alone.ts';
import { readDump, rebuildFrom, verifyRig } from './fixtures.suite.ts';
import { liveThrough } from './history.suite.ts';

const NAME = repository('team/app');
const samples = createSamples('verify');

describe('verify', () => {
  const rig = useRig();
  let image: SampleImage;
  beforeEach(async () => {
    image = samples.image();
    await pushImage(rig, NAME, image, '1.0');
    await rig.registry.chores.followChanges();
  });

  const recordOf = (name: string | Digest): Promise<ManifestRecord | undefined> =>
    rig.storage.manifests.get(NAME, name.includes(':') ? (name as Digest) : parseTag(name));
  const putRecord = (changed: ManifestRecord): Promise<void> => rig.storage.manifests.put(changed);

  /** What is wrong, without the repository's name. */
  async function wrong(options?: Parameters<typeof verifyRig>[1]): Promise<readonly object[]> {
    const { found } = await verifyRig(rig, options);
    return found.map(({ repository: where, ...rest }) => {
      expect([NAME, undefined]).toContain(where);
      return rest;
    });
  }

  it('finds nothing wrong after any history, and counts what it looked at', async () => {
    await liveThrough(rig, 3);
    const { problems, mended, orphans, manifests, tags, records } = await verifyRig(rig, { content: true });
    expect({ problems, mended, orphans }).toEqual({ problems: 0, mended: 0, orphans: 0 });
    expect(records).toBe(manifests + tags);
    expect(records).toBeGreaterThan(10);
  });

  it('does not mind records that are only on their way', async () => {
    await pushImage(rig, NAME, samples.image(), '1.0', '1.1');
    await rig.registry.manifests.delete(BY, NAME, byTag('1.1'));
    expect(await wrong()).toEqual([]);
  });

  describe('content', () => {
    it('finds what is missing, and what has another size', async () => {
      const [config, layer] = image.blobs;
      await replaceContent(rig, config!.digest, undefined);
      await replaceContent(rig, layer!.digest, Buffer.from('short'));
      expect(await wrong()).toEqual(
        expect.arrayContaining([
          { kind: 'blob missing', digest: config!.digest },
          { kind: 'blob of wrong size', digest: layer!.digest, detail: 'it has 5 bytes, not 100' },
        ]),
      );
    });

    it('finds bytes that went bad when it reads all of them, and only then', async () => {
      const [, layer] = image.blobs;
      await replaceContent(rig, layer!.digest, Buffer.alloc(layer!.size, 1));
      expect(await wrong()).toEqual([]);
      expect(await wrong({ content: true })).toEqual([{ kind: 'blob of wrong content', digest: layer!.digest }]);
    });

    it('mends nothing of it, since only a push can', async () => {
      await replaceContent(rig, image.blobs[1]!.digest, undefined);
      expect(await verifyRig(rig, { repair: true })).toMatchObject({ problems: 1, mended: 0 });
      await pushBlob(rig, NAME, image.blobs[1]!);
      expect(await wrong()).toEqual([]);
    });

    it('tells what is quarantined, and lets it go where it reads that it is sound', async () => {
      const { digest } = image.blobs[1]!;
      await rig.catalog.run('quarantine', { by: BY, nowMs: 1, digest, problem: 'wrong content' });
      const problem = { kind: 'blob quarantined', digest, detail: 'it was found with the wrong content' };
      expect(await wrong()).toEqual([problem]);
      expect(await wrong({ content: true })).toEqual([problem]);
      expect(await wrong({ repair: true })).toEqual([{ ...problem, mended: true }]);
      expect(await wrong()).toEqual([]);
    });

    it('keeps quarantined what is as bad as it was, though only that is read', async () => {
      const { digest, size } = image.blobs[1]!;
      await replaceContent(rig, digest, Buffer.alloc(size, 1));
      await rig.catalog.run('quarantine', { by: BY, nowMs: 1, digest, problem: 'wrong content' });
      const problem = { kind: 'blob quarantined', digest, detail: 'it was found with the wrong content' };
      expect(await wrong({ repair: true })).toEqual([problem]);
      expect(await wrong({ repair: true })).toEqual([problem]);
    });

    it('finds a manifest whose bytes went bad, always', async () => {
      await replaceContent(rig, image.manifest.digest, Buffer.alloc(image.manifest.size, ' '));
      expect(await wrong()).toEqual([
        {
          kind: 'manifest unreadable',
          name: image.manifest.digest,
          detail: 'its content is not what its digest says',
        },
      ]);
    });

    it('tells of content that no row knows, with its size, and leaves it', async () => {
      const { digest, bytes } = samples.blob(70);
      await rig.storage.blobs.put(digest, bytes);
      const { loose, orphans, orphanBytes, problems } = await verifyRig(rig, { repair: true });
      expect({ loose, orphans, orphanBytes, problems }).toEqual({
        loose: [digest],
        orphans: 1,
        orphanBytes: 70,
        problems: 0,
      });
      expect(await rig.storage.blobs.stat(digest)).toBeDefined();
    });

    it('does not call missing what is collected while it looks', async () => {
      const { digest, bytes, ...rest } = samples.blob();
      await pushBlob(rig, NAME, { digest, bytes, ...rest });
      const { queries } = rig.catalog;
      const nowMs = rig.clock.nowMs + 1e9;
      const deletion = { by: BY, deletion: 'mine', nowMs, beforeMs: nowMs, digests: [digest] };
      let listed = 0;
      const collecting: Catalog = {
        ...rig.catalog,
        queries: {
          ...queries,
          listBlobs: async (page) => {
            const rows = await queries.listBlobs(page);
            if (listed++ > 0) return rows;
            expect(rows.map((row) => row.digest)).toContain(digest);
            expect(await rig.catalog.run('beginDeletions', deletion)).toHaveLength(1);
            await replaceContent(rig, digest, undefined); // the row goes last
            return rows;
          },
        },
      };
      expect((await verifyRig(rig, { catalog: collecting })).found).toEqual([]);
    });

    it('does not take for loose what is being pushed while it looks', async () => {
      const { digest, bytes } = samples.blob();
      await rig.storage.blobs.put(digest, bytes);
      const { queries } = rig.catalog;
      let asked = 0;
      const slow: Catalog = {
        ...rig.catalog,
        queries: {
          ...queries,
          findContent: async (each) => {
            if (each === digest && asked++ === 0) return undefined; // its row comes after this look
            if (each === digest && asked === 2) await pushBlob(rig, NAME, { digest, bytes, size: 100, mediaType: '' });
            return queries.findContent(each);
          },
        },
      };
      expect((await verifyRig(rig, { catalog: slow })).loose).toEqual([]);
      expect(asked).toBe(2);
    });
  });

  describe('records', () => {
    const find = async (repair: boolean): Promise<readonly object[]> => wrong({ repair });

    it('writes those anew that are missing', async () => {
      const [tag, manifest] = [await recordOf('1.0'), await recordOf(image.manifest.digest)];
      await rig.storage.manifests.remove(NAME, parseTag('1.0'));
      await rig.storage.manifests.remove(NAME, image.manifest.digest);
      const missing = [
        { kind: 'record missing', name: image.manifest.digest },
        { kind: 'record missing', name: '1.0' },
      ];
      expect(await find(false)).toEqual(missing);
      expect(await find(true)).toEqual(missing.map((each) => ({ ...each, mended: true })));
      expect(await find(false)).toEqual([]);
      expect(await recordOf('1.0')).toMatchObject({ digest: tag?.digest, timeMs: tag?.timeMs });
      expect(await recordOf(image.manifest.digest)).toMatchObject({ timeMs: manifest?.timeMs });
    });

    it('puts those right that say something else', async () => {
      const other = samples.image().manifest.digest;
      const [tag, manifest] = [await recordOf('1.0'), await recordOf(image.manifest.digest)];
      await putRecord({ ...tag!, digest: other });
      await putRecord({ ...manifest!, mediaType: 'application/vnd.example+json' });
      expect(await find(true)).toEqual([
        { kind: 'record differs', name: image.manifest.digest, mended: true },
        { kind: 'record differs', name: '1.0', mended: true },
      ]);
      expect(await recordOf('1.0')).toMatchObject({ digest: image.manifest.digest });
      expect(await recordOf(image.manifest.digest)).toMatchObject({ mediaType: image.manifest.mediaType });
    });

    it('puts those right that cannot be read', async () => {
      await rig.driver.objects.put(recordKey(NAME, parseTag('1.0')), Buffer.from('{'));
      expect(await find(true)).toEqual([
        { kind: 'record unreadable', name: '1.0', detail: 'the record is not JSON', mended: true },
      ]);
      expect(await find(false)).toEqual([]);
    });

    it('removes those of names that this catalog has deleted', async () => {
      const stale = await recordOf('1.0');
      await rig.registry.manifests.delete(BY, NAME, byTag('1.0'));
      await rig.registry.chores.followChanges();
      await putRecord(stale!);
      expect(await find(false)).toEqual([{ kind: 'record stale', name: '1.0' }]);
      expect(await find(true)).toEqual([{ kind: 'record stale', name: '1.0', mended: true }]);
      expect(await recordOf('1.0')).toBeUndefined();
    });

    it('never removes those of another catalog, which are all that is left of it', async () => {
      const fresh = await openRig({ wrapDriver: () => rig.driver });
      await pushBlob(fresh, NAME, samples.blob());
      await pushImage(fresh, NAME, samples.image(), 'new');
      const { storage } = rig;
      const { problems, mended, found } = await verifyRig(fresh, { repair: true, storage });
      expect({ problems, mended }).toEqual({ problems: 2, mended: 0 });
      expect(found.map(({ kind }) => kind)).toEqual(['record unknown', 'record unknown']);
      expect(await recordOf('1.0')).toBeDefined();
      await fresh.close();
    });

    it('does not call a name wrong that moves while it looks', async () => {
      const others = Array.from({ length: 3 }, () => samples.image());
      let moves = 0;
      const { found } = await verifyRig(rig, {
        followChanges: async () => {
          await rig.registry.chores.followChanges();
          const next = others[moves++];
          if (next && moves < 3) await pushImage(rig, NAME, next, '1.0');
        },
        storage: {
          ...rig.storage,
          manifests: {
            ...rig.storage.manifests,
            get: async (name, tag) => {
              if (moves === 0 && tag === '1.0') return undefined; // something to suspect
              return rig.storage.manifests.get(name, tag);
            },
          },
        },
      });
      expect(moves).toBe(3);
      expect(found).toEqual([]);
    });
  });

  describe('rows', () => {
    /** The same catalog with some rows of a manifest as if they were not there. */
    function lacking(
      change: (row: Awaited<ReturnType<Catalog['queries']['listManifests']>>[number]) => object,
    ): Catalog {
      const { queries } = rig.catalog;
      const isMended = { now: false };
      return {
        ...rig.catalog,
        run: (name, args) => {
          if (name === 'restoreRows') isMended.now = true;
          return rig.catalog.run(name, args);
        },
        queries: {
          ...queries,
          listManifests: async (name, page) => {
            const rows = await queries.listManifests(name, page);
            return isMended.now ? rows : rows.map((row) => ({ ...row, ...change(row) }));
          },
        },
      };
    }

    it('gives a repository back what its manifests imply that it holds', async () => {
      const [, layer] = image.blobs;
      const catalog = lacking(() => ({ unheld: [layer!.digest] }));
      const missing = { kind: 'membership missing', name: image.manifest.digest, digest: layer!.digest };
      expect(await wrong({ catalog })).toEqual([missing]);
      expect(await wrong({ catalog, repair: true })).toEqual([{ ...missing, mended: true }]);
      expect(await wrong({ catalog })).toEqual([]);
    });

    it.each<[string, object]>([
      ['a blob', { blobs: [] }],
      ['its type', { artifactType: 'application/vnd.example.other' }],
      ['its subject', { subject: samples.blob().digest }],
    ])('says where a manifest and its row differ in %s, and mends the row', async (_, change) => {
      const catalog = lacking(() => change);
      const differs = { kind: 'facts differ', name: image.manifest.digest };
      expect(await wrong({ catalog })).toEqual([differs]);
      expect(await wrong({ catalog, repair: true })).toEqual([{ ...differs, mended: true }]);
    });

    it('mends for real what a crashed restore left out', async () => {
      const [row] = await rig.catalog.queries.listManifests(NAME, { limit: 1 });
      const { unheld: _, ...manifest } = row!;
      await rig.catalog.run('restoreRows', { rows: [{ ...manifest, artifactType: 'application/vnd.example.wrong' }] });
      const before = await readDump(rig.catalog);
      expect(before).toContain('vnd.example.wrong');
      expect(await verifyRig(rig, { repair: true })).toMatchObject({ problems: 1, mended: 1 });
      expect(await readDump(rig.catalog)).not.toContain('vnd.example.wrong');
    });

    it('accepts a foreign layer that is kept and not held, as a rebuild leaves it', async () => {
      const [config] = image.blobs;
      const layer = samples.blob();
      const foreign = { ...describeSample(layer), urls: ['https://example.com/layer'] };
      await pushBlob(rig, NAME, layer);
      await pushManifest(
        rig,
        NAME,
        toManifest(OCI_IMAGE_MANIFEST, { config: describeSample(config!), layers: [foreign] }),
      );
      await rig.registry.chores.followChanges();
      const rebuilt = await openRig({ wrapDriver: () => rig.driver });
      await rebuildFrom(rig, rebuilt.catalog);
      expect(await rebuilt.catalog.queries.findBlob(NAME, layer.digest)).toBeUndefined();
      expect(await verifyRig(rebuilt)).toMatchObject({ found: [], loose: [], manifests: 2 });
      await rebuilt.close();
    });
  });

  it('writes nothing more when another process has its lease', async () => {
    await rig.storage.manifests.remove(NAME, parseTag('1.0'));
    const lost = new AbortController();
    const alone: Alone = async (act) => act(lost.signal);
    const followChanges = async (): Promise<void> => lost.abort(new Error('the lease was lost'));
    await expect(verifyRig(rig, { alone, followChanges, repair: true })).rejects.toThrow('the lease was lost');
    expect(await recordOf('1.0')).toBeUndefined();
  });

  it('says what to do where its lease is lost', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
    const { catalog } = rig;
    const alone = createAlone({
      catalog,
      clock: () => rig.clock.nowMs,
      holder: 'verify',
      pause: async () => undefined,
    });
    const acting = alone(async (signal) => {
      rig.clock.nowMs += 60_000; // it stood still, and its lease ran out
      await jest.advanceTimersByTimeAsync(10_000);
      signal.throwIfAborted();
    });
    await expect(acting).rejects.toMatchObject({ name: 'CatalogError', failure: 'busy' });
    jest.useRealTimers();
  });

  it('works while the job of a server follows changes, one after the other', async () => {
    const catalog = rig.catalog;
    const lease = { name: 'follow-changes', nowMs: rig.clock.nowMs };
    await catalog.run('takeLease', { ...lease, holder: 'server', untilMs: rig.clock.nowMs + 1000 });
    let pauses = 0;
    const pause = async (): Promise<void> => {
      pauses += 1;
      if (pauses === 2) await catalog.run('dropLease', { name: lease.name, holder: 'server' });
    };
    const alone = createAlone({ catalog, clock: () => rig.clock.nowMs, holder: 'verify', pause });
    await rig.storage.manifests.remove(NAME, parseTag('1.0'));
    expect(await verifyRig(rig, { alone, repair: true })).toMatchObject({ problems: 1, mended: 1 });
    expect(pauses).toBe(2);
    expect(await catalog.run('takeLease', { ...lease, holder: 'server', untilMs: 1 })).toBe(true);
  });
});
