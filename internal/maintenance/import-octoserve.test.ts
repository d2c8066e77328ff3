import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OCI_IMAGE_INDEX, parseTag, type Digest, type RepositoryName } from '../../pkg/oci/index.ts';
import {
  BY,
  newUploadId,
  openRig,
  pullBlob,
  pushBlob,
  pushImage,
  replaceContent,
  repository,
  storedKeys,
  useRig,
  type Rig,
} from '../registry/fixtures.suite.ts';
import type { Key } from '../storage/driver.ts';
import { blobKey, recordKey } from '../storage/layout.ts';
import { createOldTree } from '../storage/old-tree.ts';
import { createSamples, describeSample, toManifest, type Sample, type SampleImage } from '../testing/images.ts';
import { createTold, readDump, readRows } from './fixtures.suite.ts';
import { importOctoserve, type ImportDeps } from './import-octoserve.ts';
import { looksLikeOldTree } from './old-folder.ts';

const samples = createSamples('import');

describe('importing the folder of an older Octoserve', () => {
  const rig = useRig();
  let old: Rig;
  beforeEach(async () => void (old = await openRig()));
  afterEach(() => old.close());

  const putFile = (folder: string, name: string, bytes: Uint8Array | string): Promise<void> =>
    old.driver.objects.put(`manifests/${folder}/${name}` as Key, Buffer.from(bytes));
  const putBlob = ({ digest, bytes }: Sample): Promise<void> => old.driver.objects.put(blobKey(digest), bytes);
  async function putImage(folder: string, { manifest, blobs }: SampleImage, ...tags: readonly string[]): Promise<void> {
    for (const blob of blobs) await putBlob(blob);
    for (const name of [manifest.digest, ...tags]) await putFile(folder, name, manifest.bytes);
  }

  async function bring(options: Partial<ImportDeps> & { readonly into?: Rig } = {}) {
    const { into = rig, ...more } = options;
    const { problems, progress, onProblem, onProgress } = createTold();
    const notes: object[] = [];
    const imported = await importOctoserve({
      tree: createOldTree(old.driver.objects),
      storage: into.storage,
      catalog: into.catalog,
      registry: into.registry,
      by: BY,
      clock: () => into.clock.nowMs,
      newUploadId,
      names: new Map<string, RepositoryName>(),
      dryRun: false,
      onProblem,
      onNote: (note) => notes.push(note),
      onProgress,
      ...more,
    });
    return { ...imported, problems, notes, progress };
  }
  const tagged = async (name: string, tag: string): Promise<Digest | undefined> =>
    (await rig.catalog.queries.findTag(repository(name), parseTag(tag)))?.digest;

  it('brings blobs, manifests and tags, byte for byte', async () => {
    const image = samples.image();
    await putImage('app', image, '1.0', 'latest');
    const { problems, notes, progress, ...counts } = await bring();
    expect({ problems, notes }).toEqual({ problems: [], notes: [] });
    expect(counts).toMatchObject({ manifests: 1, tags: 2, blobs: 3, skipped: 0 });
    expect(progress).toEqual({ all: 3, sum: 3 });
    const { bytes } = await rig.registry.manifests.get(repository('app'), { kind: 'tag', tag: parseTag('1.0') });
    expect(Buffer.from(bytes)).toEqual(image.manifest.bytes);
    for (const blob of image.blobs) expect(await pullBlob(rig, 'app', blob.digest)).toEqual(blob.bytes);
  });

  it('puts good content in place of what is quarantined', async () => {
    const image = samples.image({ layers: 1 });
    const layer = image.blobs.at(-1)!;
    await pushBlob(rig, 'app', layer);
    await replaceContent(rig, layer.digest, Buffer.alloc(layer.size));
    await rig.catalog.run('quarantine', { by: BY, nowMs: 1, digest: layer.digest, problem: 'wrong content' });
    await putImage('app', image, '1.0');
    expect((await bring()).problems).toEqual([]);
    expect(await pullBlob(rig, 'app', layer.digest)).toEqual(layer.bytes);
    expect(await rig.catalog.queries.listQuarantine({ limit: 1 })).toEqual([]);
  });

  it('brings a layer of several repositories once, and opens it in each', async () => {
    const image = samples.image({ layers: 1 });
    await putImage('one', image, 'v1');
    await putImage('two', image, 'v1');
    expect(await bring()).toMatchObject({ blobs: 2, manifests: 2, tags: 2 });
    for (const name of ['one', 'two']) expect(await pullBlob(rig, name, image.blobs[1]!.digest)).toHaveLength(100);
  });

  it('leaves a log, and so records, as a push does', async () => {
    await putImage('app', samples.image(), '1.0');
    await bring();
    await rig.registry.chores.followChanges();
    expect(await rig.storage.manifests.get(repository('app'), parseTag('1.0'))).toBeDefined();
  });

  it('follows tags that only point at a manifest', async () => {
    const image = samples.image();
    await putImage('app', image);
    await putFile('app', 'v1', `${image.manifest.digest}\n`);
    await putFile('app', 'lost', samples.image().manifest.digest);
    const { problems } = await bring();
    expect(await tagged('app', 'v1')).toBe(image.manifest.digest);
    expect(problems).toEqual([
      expect.objectContaining({ kind: 'not imported', name: 'lost', detail: expect.stringContaining('is not there') }),
    ]);
  });

  it('takes a manifest that was written anew for what it is now, and says so', async () => {
    const image = samples.image();
    await putImage('app', image, 'v1');
    const anew = Buffer.from(JSON.stringify(JSON.parse(image.manifest.bytes.toString()), undefined, 2));
    await putFile('app', image.manifest.digest, anew);
    await putFile('app', 'v1', anew);
    await putFile('app', 'v2', image.manifest.digest);
    const { notes, manifests, problems } = await bring();
    const digest = await tagged('app', 'v1');
    expect({ manifests, problems }).toEqual({ manifests: 1, problems: [] });
    expect(digest).not.toBe(image.manifest.digest);
    expect(await tagged('app', 'v2')).toBe(digest);
    const detail = `its bytes are not those that were pushed: it is ${digest} from now on`;
    expect(notes).toEqual([{ repository: 'app', name: image.manifest.digest, detail }]);
  });

  it('asks whether a tag is what a write left that was broken off', async () => {
    await putImage('app', samples.image(), 'v1.tmp');
    const { notes, problems } = await bring();
    expect(await tagged('app', 'v1.tmp')).toBeDefined();
    expect(problems).toEqual([]);
    expect(notes).toEqual([{ repository: 'app', name: 'v1.tmp', detail: expect.stringContaining('delete the tag') }]);
  });

  it('gives a repository the name that it is said to have had, and asks where that is in doubt', async () => {
    await putImage('team_app', samples.image(), 'v1');
    await putImage('my_tool', samples.image(), 'v1');
    const names = new Map([['team_app', repository('team/app')]]);
    const { notes } = await bring({ names });
    expect(await tagged('team/app', 'v1')).toBeDefined();
    expect(await tagged('team_app', 'v1')).toBeUndefined();
    expect(await tagged('my_tool', 'v1')).toBeDefined();
    expect(notes).toEqual([{ repository: 'my_tool', detail: expect.stringContaining('--name my_tool=my/tool') }]);
  });

  it('brings an index whose images were not kept, and one before its images', async () => {
    const image = samples.image();
    const index = toManifest(OCI_IMAGE_INDEX, {
      manifests: [image.manifest, samples.image().manifest].map(describeSample),
    });
    await putFile('app', 'all', index.bytes);
    await putImage('app', image);
    expect(await bring()).toMatchObject({ problems: [], manifests: 2, tags: 1 });
  });

  it('says of everything that it leaves out why', async () => {
    const [whole, gone, bad, sized] = [samples.image(), samples.image(), samples.image(), samples.image()];
    await putImage('app', whole, 'whole');
    await putImage('app', gone, 'gone');
    await old.driver.objects.remove(blobKey(gone.blobs[1]!.digest));
    await putImage('app', bad, 'bad');
    await replaceContent(old, bad.blobs[1]!.digest, Buffer.alloc(100, 1));
    await putImage('app', sized, 'sized');
    await replaceContent(old, sized.blobs[1]!.digest, Buffer.alloc(7));
    await putFile('app', 'text', 'hello');
    await putFile('app', 'broken', '{"schemaVersion":2,');
    await putFile('app', 'b@d', whole.manifest.bytes);
    await putFile('App', 'v1', whole.manifest.bytes);
    await putFile('deep/er', 'v1', whole.manifest.bytes);
    const { problems, skipped, manifests, tags } = await bring();
    expect({ manifests, tags }).toEqual({ manifests: 1, tags: 1 });
    const reasons = Object.fromEntries(problems.map(({ name, repository: where, detail }) => [name ?? where, detail]));
    expect(reasons).toEqual({
      gone: `the content of ${gone.blobs[1]!.digest} is missing`,
      [gone.manifest.digest]: reasons['gone'],
      bad: `the content of ${bad.blobs[1]!.digest} is not what its digest says`,
      [bad.manifest.digest]: reasons['bad'],
      sized: `the content of ${sized.blobs[1]!.digest} is not what its digest says`,
      [sized.manifest.digest]: reasons['sized'],
      text: 'it is no manifest',
      broken: 'manifest invalid: not valid JSON',
      'b@d': 'its name is neither a tag nor a digest',
      App: '"App" is no name of a repository',
      'er/v1': 'its name is neither a tag nor a digest',
    });
    expect(skipped).toBe(problems.length);
  });

  it('leaves out a manifest that gives a layer another size than it has', async () => {
    const image = samples.image({ layers: 1 });
    const text = image.manifest.bytes.toString().replace('"size":100', '"size":101');
    await putImage('app', image);
    await putFile('app', 'v1', text);
    expect((await bring()).problems).toEqual([
      expect.objectContaining({
        name: 'v1',
        detail: `${image.blobs[1]!.digest} has 100 bytes, and the manifest says 101`,
      }),
    ]);
  });

  it('moves no tag that is there already', async () => {
    const [older, newer] = [samples.image(), samples.image()];
    await putImage('app', older, 'v1');
    await pushImage(rig, 'app', newer, 'v1');
    expect((await bring()).problems).toEqual([
      expect.objectContaining({ name: 'v1', detail: expect.stringContaining(newer.manifest.digest) }),
    ]);
    expect(await tagged('app', 'v1')).toBe(newer.manifest.digest);
  });

  it('changes nothing when it runs again', async () => {
    await putImage('app', samples.image(), '1.0');
    await bring();
    // A push that is repeated counts as use.
    const rows = async () => (await readRows(rig.catalog)).filter(({ kind }) => kind !== 'pull');
    const before = await rows();
    expect(await bring()).toMatchObject({ problems: [], manifests: 1, tags: 1, blobs: 0 });
    expect(await rows()).toEqual(before);
  });

  it('writes nothing when it is only to tell', async () => {
    const [whole, gone] = [samples.image(), samples.image()];
    await putImage('team_app', whole, 'v1');
    await putImage('team_app', gone, 'v2');
    await old.driver.objects.remove(blobKey(gone.blobs[1]!.digest));
    const before = await readDump(rig.catalog);
    const told = await bring({ dryRun: true });
    expect(told).toMatchObject({ manifests: 1, tags: 1, blobs: 4, skipped: 2, notes: [{ repository: 'team_app' }] });
    expect(await readDump(rig.catalog)).toBe(before);
    expect(await storedKeys(rig, 'blobs')).toEqual([]);
  });

  it('streams large layers', async () => {
    const image = samples.image({ layers: 1, layerBytes: 3 * 1024 * 1024 });
    await putImage('app', image, 'v1');
    expect(await bring()).toMatchObject({ problems: [], manifests: 1 });
    expect(await storedKeys(rig, 'uploads')).toEqual([]);
    expect(await rig.storage.blobs.stat(image.blobs[1]!.digest)).toEqual({ sizeBytes: image.blobs[1]!.size });
  });

  it('works in the folder itself, where blobs are in their place and records come in place of manifests', async () => {
    const image = samples.image();
    await putImage('app', image, 'v1');
    expect(await looksLikeOldTree(createOldTree(old.driver.objects))).toBe(true);
    expect(await bring({ into: old })).toMatchObject({ problems: [], manifests: 1, tags: 1 });
    await old.registry.chores.followChanges();
    expect(await old.storage.manifests.get(repository('app'), parseTag('v1'))).toBeDefined();
    expect(await looksLikeOldTree(createOldTree(old.driver.objects))).toBe(false);
    expect(await bring({ into: old })).toMatchObject({ problems: [], manifests: 0, tags: 0 });
  });

  it('passes over the records of this Octoserve, also of names that the older one could not write', async () => {
    await pushImage(old, 'team/app', samples.image(), 'V1');
    await old.registry.chores.followChanges();
    expect(await bring({ into: old })).toMatchObject({ problems: [], skipped: 0, progress: { all: 2, sum: 2 } });
  });
});

describe('a data folder', () => {
  const rig = useRig();

  it('does not look like an older one when it is new, or in use', async () => {
    const tree = createOldTree(rig.driver.objects);
    expect(await looksLikeOldTree(tree)).toBe(false);
    await pushBlob(rig, 'app', samples.blob());
    await pushImage(rig, 'app', samples.image(), 'v1');
    await rig.registry.chores.followChanges();
    expect(await looksLikeOldTree(tree)).toBe(false);
  });

  it('looks like an older one with tags that only point', async () => {
    const key = recordKey(repository('app'), parseTag('v1'));
    await rig.driver.objects.put(key, Buffer.from(samples.blob().digest));
    expect(await looksLikeOldTree(createOldTree(rig.driver.objects))).toBe(true);
  });

  it('is looked at only a little, however much is in it', async () => {
    let listed = 0;
    const tree = {
      async *files() {
        for (;;) {
          listed += 1;
          yield { folder: 'app', name: `t${listed}` };
        }
      },
      read: async () => ({ kind: 'unknown', reason: 'it is no manifest' }) as const,
      openBlob: async () => undefined,
    };
    expect(await looksLikeOldTree(tree)).toBe(false);
    expect(listed).toBe(20);
  });
});
