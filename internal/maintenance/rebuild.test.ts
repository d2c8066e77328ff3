import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OCI_IMAGE_MANIFEST, OCI_LAYER, parseTag } from '../../pkg/oci/index.ts';
import { hashBatch, type Catalog } from '../catalog/index.ts';
import type { Door } from '../registry/index.ts';
import { drainRecords } from '../registry/records.ts';
import {
  BY,
  byTag,
  openRig,
  pullBlob,
  pushBlob,
  pushImage,
  pushManifest,
  replaceContent,
  repository,
  useRig,
  type Rig,
} from '../registry/fixtures.suite.ts';
import { recordKey } from '../storage/layout.ts';
import { createSamples, describeSample, toManifest, toSample } from '../testing/images.ts';
import { createTold, openEmpty, readDump, readRows, rebuildFrom } from './fixtures.suite.ts';
import { liveThrough } from './history.suite.ts';
import { rebuildCatalog } from './rebuild.ts';

const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);
const NAME = 'team/app';
const samples = createSamples('rebuild');

/** Says of images below `a` how they begin. */
const DOOR: Door = {
  name: 'starts',
  factsVersion: 1,
  owns: (name) => name.startsWith('a'),
  fixes: () => false,
  generation: () => undefined,
  async prepare({ manifest: { layers }, readBlob }) {
    const [layer] = layers;
    if (!layer) return undefined;
    for await (const bytes of readBlob(layer.digest, { start: 0, end: 3 })) {
      return { start: Buffer.from(bytes).toString('hex'), layers: layers.length };
    }
    return undefined;
  },
};

describe('a rebuilt catalog', () => {
  let rig: Rig;
  let rebuilt: Catalog;
  beforeEach(async () => {
    [rig, rebuilt] = await Promise.all([openRig({ doors: [DOOR] }), openEmpty()]);
  });
  afterEach(async () => {
    await Promise.all([rig.close(), rebuilt.close()]);
  });

  it.each(SEEDS)('is logically the one that was lost, after the random history of seed %i', async (seed) => {
    await liveThrough(rig, seed);
    const { problems, manifests, tags } = await rebuildFrom(rig, rebuilt, [DOOR]);
    expect(problems).toEqual([]);
    const lost = await readDump(rig.catalog, 'logical');
    expect(await readDump(rebuilt, 'logical')).toBe(lost);
    expect(lost.match(/^\{"kind":"manifest"/gm) ?? []).toHaveLength(manifests);
    expect(lost.match(/^\{"kind":"tag"/gm) ?? []).toHaveLength(tags);
  });
});

describe('rebuild', () => {
  const rig = useRig();
  let catalog: Catalog;
  beforeEach(async () => void (catalog = await openEmpty()));
  afterEach(() => catalog.close());
  const image = samples.image();

  const push = async (...tags: readonly string[]): Promise<void> => {
    await pushImage(rig, NAME, image, ...tags);
    await rig.registry.chores.followChanges();
  };
  const putRecord = (name: string, bytes: string): Promise<void> =>
    rig.driver.objects.put(recordKey(repository(NAME), parseTag(name)), Buffer.from(bytes));

  it('makes a catalog that serves what was pushed, and goes on from there', async () => {
    await push('1.0');
    await rebuildFrom(rig, catalog);
    const served = await openRig({ wrapDriver: () => rig.driver, wrapCatalog: () => catalog });
    const { bytes, mediaType } = await served.registry.manifests.get(repository(NAME), byTag('1.0'));
    expect(Buffer.from(bytes)).toEqual(image.manifest.bytes);
    expect(mediaType).toBe(image.manifest.mediaType);
    for (const blob of image.blobs) expect(await pullBlob(served, NAME, blob.digest)).toEqual(blob.bytes);
    await pushImage(served, NAME, samples.image(), '1.0');
    await served.registry.chores.followChanges();
    expect((await rig.storage.manifests.get(repository(NAME), parseTag('1.0')))?.digest).not.toBe(
      image.manifest.digest,
    );
    await served.close();
  });

  it('goes on with the numbers of the log, and writes no record again', async () => {
    await push('1.0', '1.1');
    const { sequence } = await rebuildFrom(rig, catalog);
    expect(sequence).toBe((await rig.catalog.run('sealChanges', { nowMs: 1, limit: 1 })).last);
    expect(await drainRecords({ catalog, manifests: rig.storage.manifests })).toBe(0);
    await catalog.run('deleteTag', { by: BY, nowMs: 5, repository: repository(NAME), tag: parseTag('1.0') });
    expect(await catalog.run('sealChanges', { nowMs: 6, limit: 10 })).toEqual({ sealed: 1, last: sequence + 1 });
    expect(await drainRecords({ catalog, manifests: rig.storage.manifests })).toBe(1);
    expect(await rig.storage.manifests.get(repository(NAME), parseTag('1.0'))).toBeUndefined();
  });

  it('begins the log on a seal that whoever checks the chain can compute', async () => {
    await push('1.0');
    const { sequence } = await rebuildFrom(rig, catalog);
    const seals = (await readRows(catalog)).filter(({ kind }) => kind === 'seal');
    expect(seals).toEqual([
      { kind: 'seal', first: sequence + 1, last: sequence, hash: hashBatch('', []), timeMs: rig.clock.nowMs },
    ]);
  });

  it('restores nothing of an empty storage, and leaves the numbers alone', async () => {
    expect(await rebuildFrom(rig, catalog)).toMatchObject({ manifests: 0, tags: 0, sequence: 0 });
    expect(await readRows(catalog)).toEqual([]);
  });

  it('tells of each record as it goes', async () => {
    await push('1.0', '1.1');
    const { onProblem, onProgress, progress } = createTold();
    await rebuildCatalog({ storage: rig.storage, catalog, clock: () => 0, onProblem, onProgress });
    expect(progress).toEqual({ all: 3, sum: 3 });
  });

  it('leaves out a manifest whose content is gone or damaged, with its tags, and tells of each', async () => {
    const [gone, torn, bad] = [samples.image(), samples.image(), samples.image()];
    for (const [each, tag] of [
      [gone, 'gone'],
      [torn, 'torn'],
      [bad, 'bad'],
    ] as const) {
      await pushImage(rig, NAME, each, tag);
    }
    await push('good');
    await replaceContent(rig, gone.manifest.digest, undefined);
    await replaceContent(rig, torn.manifest.digest, torn.manifest.bytes.subarray(1));
    await replaceContent(rig, bad.manifest.digest, Buffer.alloc(bad.manifest.size, ' '));
    const { problems, manifests, tags, skipped } = await rebuildFrom(rig, catalog);
    expect({ manifests, tags, skipped }).toEqual({ manifests: 1, tags: 1, skipped: 6 });
    const common = { kind: 'manifest unreadable', repository: NAME };
    const length = torn.manifest.size;
    expect(problems).toEqual(
      expect.arrayContaining([
        { ...common, name: gone.manifest.digest, detail: 'its content is missing' },
        { ...common, name: torn.manifest.digest, detail: `its content has ${length - 1} bytes, not ${length}` },
        { ...common, name: bad.manifest.digest, detail: 'its content is not what its digest says' },
        { kind: 'tag without manifest', repository: NAME, name: 'torn', digest: torn.manifest.digest },
      ]),
    );
  });

  it('leaves out a record that cannot be read, or whose manifest is none', async () => {
    await push('good');
    await putRecord('torn', '{"mediaType":');
    const text = toSample('no manifest at all', OCI_IMAGE_MANIFEST);
    await rig.storage.blobs.put(text.digest, text.bytes);
    await rig.storage.manifests.put({
      repository: repository(NAME),
      name: text.digest,
      digest: text.digest,
      mediaType: text.mediaType,
      sizeBytes: text.size,
      timeMs: 0,
      sequence: 1,
    });
    const { problems, skipped } = await rebuildFrom(rig, catalog);
    expect(skipped).toBe(2);
    expect(problems).toEqual(
      expect.arrayContaining([
        { kind: 'record unreadable', repository: NAME, name: 'torn', detail: 'the record is not JSON' },
        expect.objectContaining({ kind: 'manifest unreadable', name: text.digest }),
      ]),
    );
  });

  it('restores a manifest whose layer is gone, tells of it, and a push of the layer mends it', async () => {
    const [config, layer, other] = image.blobs;
    await push('1.0');
    await replaceContent(rig, layer!.digest, undefined);
    await replaceContent(rig, other!.digest, Buffer.from('short'));
    const { problems, damaged, skipped } = await rebuildFrom(rig, catalog);
    expect({ damaged, skipped }).toEqual({ damaged: 2, skipped: 0 });
    const common = { repository: NAME, name: image.manifest.digest };
    expect(problems).toEqual([
      { kind: 'blob missing', ...common, digest: layer!.digest },
      { kind: 'blob of wrong size', ...common, digest: other!.digest, detail: 'it has 5 bytes, not 100' },
    ]);
    const served = await openRig({ wrapDriver: () => rig.driver, wrapCatalog: () => catalog });
    await expect(pullBlob(served, NAME, layer!.digest)).rejects.toMatchObject({ code: 'BLOB_UNKNOWN' });
    for (const blob of [layer!, other!]) await pushBlob(served, NAME, blob);
    for (const blob of [config!, layer!, other!]) expect(await pullBlob(served, NAME, blob.digest)).toEqual(blob.bytes);
    await served.close();
  });

  it('counts a damaged layer once, however many manifests it is told of', async () => {
    const config = samples.blob();
    const [layer] = image.blobs;
    await pushBlob(rig, NAME, config);
    await pushBlob(rig, NAME, layer!);
    for (const text of ['a', 'b']) {
      const names = { config: describeSample(config), layers: [describeSample(layer!)], annotations: { text } };
      await pushManifest(rig, NAME, toManifest(OCI_IMAGE_MANIFEST, names));
    }
    await rig.registry.chores.followChanges();
    await replaceContent(rig, layer!.digest, undefined);
    const { problems, damaged, manifests } = await rebuildFrom(rig, catalog);
    expect({ damaged, manifests, problems: problems.length }).toEqual({ damaged: 1, manifests: 2, problems: 2 });
  });

  it('opens no foreign layer to readers, but keeps the content of one that is here', async () => {
    const here = samples.blob();
    const urls = ['https://example.com/layer'];
    const foreign = [here, samples.blob()].map((blob) => ({ ...describeSample(blob), mediaType: OCI_LAYER, urls }));
    const [config] = image.blobs;
    const manifest = toManifest(OCI_IMAGE_MANIFEST, { config: describeSample(config!), layers: foreign });
    await pushBlob(rig, 'elsewhere', here);
    await pushBlob(rig, NAME, config!);
    await pushManifest(rig, NAME, manifest);
    await rig.registry.chores.followChanges();
    const { problems } = await rebuildFrom(rig, catalog);
    expect(problems).toEqual([]);
    expect(await catalog.queries.findBlob(repository(NAME), here.digest)).toBeUndefined();
    const [row] = await catalog.queries.listManifests(repository(NAME), { limit: 1 });
    expect(row).toMatchObject({ blobs: [config!.digest, here.digest].toSorted(), unheld: [here.digest] });
  });

  it('is refused by a catalog that holds anything', async () => {
    await push('1.0');
    const { onProblem, onProgress } = createTold();
    const { storage } = rig;
    const deps = { storage, catalog: rig.catalog, clock: () => 0, onProblem, onProgress };
    expect(await rebuildCatalog(deps)).toEqual({ kind: 'notEmpty' });
  });

  it('leaves a catalog that says so when it breaks off, and goes on later to the same end', async () => {
    await liveThrough(rig, 7);
    const { onProblem, onProgress } = createTold();
    let reads = 0;
    const blobs = {
      ...rig.storage.blobs,
      open: async (digest: Parameters<typeof rig.storage.blobs.open>[0]) => {
        if (++reads > 3) throw new Error('power cut');
        return rig.storage.blobs.open(digest);
      },
    };
    const storage = { ...rig.storage, blobs };
    const deps = { catalog, clock: () => 0, onProblem, onProgress };
    await expect(rebuildCatalog({ ...deps, storage })).rejects.toThrow('power cut');
    expect(await catalog.queries.findRestore()).toBe('rebuild');
    await rebuildFrom(rig, catalog);
    expect(await catalog.queries.findRestore()).toBeUndefined();
    expect(await readDump(catalog, 'logical')).toBe(await readDump(rig.catalog, 'logical'));
  });
});
