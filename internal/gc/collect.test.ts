import { describe, expect, it } from '@jest/globals';
import type { Digest } from '../../pkg/oci/index.ts';
import type { Catalog } from '../catalog/index.ts';
import {
  BY,
  byDigest,
  byTag,
  LEASE_MS,
  pullBlob,
  pushBlob,
  pushImage,
  repository,
  useRig,
} from '../registry/fixtures.suite.ts';
import { createSamples, type Sample, type SampleImage } from '../testing/images.ts';
import { createCollector, DELAY_MS, GIVEN_UP_MS, HOUR_MS, storedDigests } from './fixtures.suite.ts';

const samples = createSamples('collect');
const rig = useRig();
const sizesOf = (some: readonly { readonly size: number }[]): number => some.reduce((sum, { size }) => sum + size, 0);
const digestsOf = (some: readonly { readonly digest: Digest }[]): readonly Digest[] =>
  some.map(({ digest }) => digest).toSorted();
const partsOf = (image: SampleImage): readonly Sample[] => [image.manifest, ...image.blobs];
const pass = (ms: number): void => void (rig.clock.nowMs += ms);
const remove = (name: string, image: SampleImage): Promise<void> =>
  rig.registry.manifests.delete(BY, repository(name), byDigest(image.manifest.digest));

describe('a collection', () => {
  it('takes a blob that was never referenced when its delay is over, and not before', async () => {
    const blob = samples.blob(1234);
    await pushBlob(rig, 'a', blob);
    const collector = createCollector(rig);
    pass(DELAY_MS - 1);
    expect(await collector.collect()).toMatchObject({ deletedBlobs: 0 });
    expect(await pullBlob(rig, 'a', blob.digest)).toEqual(blob.bytes);
    pass(1);
    expect(await collector.collect()).toEqual({
      foundBlobs: 1,
      foundBytes: 1234,
      deletedBlobs: 1,
      deletedBytes: 1234,
      stuck: 0,
    });
    expect(await storedDigests(rig)).toEqual([]);
    await expect(rig.registry.blobs.stat(repository('a'), blob.digest)).rejects.toMatchObject({ code: 'BLOB_UNKNOWN' });
  });

  it('takes an image with its manifest when that was deleted, and nothing that another image needs', async () => {
    const [gone, kept] = [samples.image(), samples.image()];
    const shared = samples.image();
    await pushImage(rig, 'a', gone);
    await pushImage(rig, 'a', kept, 'v1');
    await pushImage(rig, 'a', shared);
    await pushImage(rig, 'b', shared);
    await remove('a', gone);
    await remove('a', shared);
    pass(DELAY_MS);
    expect(await createCollector(rig).collect()).toMatchObject({
      deletedBlobs: partsOf(gone).length,
      deletedBytes: sizesOf(partsOf(gone)),
    });
    expect(await storedDigests(rig)).toEqual(digestsOf([...partsOf(kept), ...partsOf(shared)]));
  });

  it('counts the delay from the delete of the last manifest', async () => {
    const image = samples.image();
    await pushImage(rig, 'a', image);
    await pushImage(rig, 'b', image);
    pass(DELAY_MS);
    await remove('a', image);
    pass(DELAY_MS);
    const collector = createCollector(rig);
    expect(await collector.collect()).toMatchObject({ foundBlobs: 0 });
    await remove('b', image);
    pass(DELAY_MS - 1);
    expect(await collector.collect()).toMatchObject({ foundBlobs: 0 });
    pass(1);
    expect(await collector.collect()).toMatchObject({ deletedBlobs: partsOf(image).length });
  });

  it('keeps untagged manifests, children of an index, and what refers to a manifest', async () => {
    const [child, subject] = [samples.image(), samples.image()];
    const referrer = samples.artifact({ subject: subject.manifest });
    await pushImage(rig, 'a', child);
    await pushImage(rig, 'a', { manifest: samples.index([child.manifest]), blobs: [] });
    await pushImage(rig, 'a', subject, 'v1');
    await pushImage(rig, 'a', referrer);
    await rig.registry.manifests.delete(BY, repository('a'), byTag('v1'));
    const before = await storedDigests(rig);
    pass(10 * DELAY_MS);
    expect(await createCollector(rig).collect()).toMatchObject({ foundBlobs: 0 });
    expect(await storedDigests(rig)).toEqual(before);
  });

  it('looks at what is needed once, and not again before it loses a reference', async () => {
    await pushImage(rig, 'a', samples.image(), 'v1');
    pass(DELAY_MS);
    await createCollector(rig).collect();
    const left = await rig.catalog.queries.listCandidates({ after: undefined, untilMs: rig.clock.nowMs, limit: 9 });
    expect(left).toEqual([]);
  });

  it('by hand waives the delay, and no lease', async () => {
    const [image, uploaded] = [samples.image(), samples.blob()];
    await pushImage(rig, 'a', image);
    await remove('a', image);
    await pushBlob(rig, 'a', uploaded);
    const collector = createCollector(rig);
    expect(await collector.collect({ graceMs: 0 })).toMatchObject({ deletedBlobs: partsOf(image).length });
    expect(await storedDigests(rig)).toEqual([uploaded.digest]);
    pass(LEASE_MS);
    expect(await collector.collect({ graceMs: 0 })).toMatchObject({ deletedBlobs: 1 });
  });

  it('spares what a client was told is there, from its last HEAD on', async () => {
    const blob = samples.blob();
    await pushBlob(rig, 'a', blob);
    const collector = createCollector(rig);
    pass(LEASE_MS - HOUR_MS);
    await rig.registry.blobs.stat(repository('a'), blob.digest);
    pass(LEASE_MS - 1);
    expect(await collector.collect({ graceMs: 0 })).toMatchObject({ foundBlobs: 0 });
    pass(1);
    expect(await collector.collect({ graceMs: 0 })).toMatchObject({ deletedBlobs: 1 });
  });

  it('spares what was mounted, whatever becomes of where it came from', async () => {
    const image = samples.image({ layers: 1 });
    const [config, layer] = image.blobs;
    await pushImage(rig, 'a', image);
    const mount = { digest: layer!.digest, from: repository('a'), mayPull: () => true };
    await rig.registry.uploads.start(BY, repository('b'), { algorithm: 'sha256', mount });
    await remove('a', image);
    expect(digestsOf(await createCollector(rig).garbage({ graceMs: 0 }))).toEqual(digestsOf([image.manifest, config!]));
  });

  it('of some repositories takes what those had last', async () => {
    const [here, there] = [samples.blob(), samples.image()];
    await pushBlob(rig, 'a', here);
    await pushImage(rig, 'b', there);
    await remove('b', there);
    pass(DELAY_MS);
    const collector = createCollector(rig);
    expect(digestsOf(await collector.garbage({ repositories: new Set([repository('b')]) }))).toEqual(
      digestsOf(partsOf(there)),
    );
    expect(await collector.collect({ repositories: new Set([repository('a')]) })).toMatchObject({ deletedBlobs: 1 });
  });

  it('that is dry says what would go and takes nothing', async () => {
    const blob = samples.blob(77);
    await pushBlob(rig, 'a', blob);
    pass(DELAY_MS);
    const collector = createCollector(rig);
    expect(await collector.collect({ dryRun: true })).toEqual({
      foundBlobs: 1,
      foundBytes: 77,
      deletedBlobs: 0,
      deletedBytes: 0,
      stuck: 0,
    });
    expect(await pullBlob(rig, 'a', blob.digest)).toEqual(blob.bytes);
  });

  it('works through any number in batches, and waits so that it deletes no faster than it may', async () => {
    for (let count = 0; count < 25; count += 1) await pushBlob(rig, 'a', samples.blob());
    pass(DELAY_MS);
    const collector = createCollector(rig, { batchSize: 10, maxDeletesPerSecond: 20 });
    const tallies: number[] = [];
    const onProgress = ({ deletedBlobs }: { readonly deletedBlobs: number }): void => void tallies.push(deletedBlobs);
    expect(await collector.collect({ onProgress })).toMatchObject({ deletedBlobs: 25 });
    expect(tallies).toEqual([10, 20, 25]);
    expect(collector.pauses).toEqual([500, 500]);
  });

  it('passes over what is leased without coming back to it', async () => {
    for (let count = 0; count < 5; count += 1) await pushBlob(rig, 'a', samples.blob());
    const collector = createCollector(rig, { batchSize: 2 });
    expect(await collector.collect({ graceMs: 0 })).toMatchObject({ foundBlobs: 0 });
  });
});

describe('a collection that is cut short', () => {
  it('goes on where it is run again', async () => {
    for (let count = 0; count < 6; count += 1) await pushBlob(rig, 'a', samples.blob());
    pass(DELAY_MS);
    const stop = new AbortController();
    const collector = createCollector(rig, { batchSize: 2 });
    const onProgress = (): void => stop.abort(new Error('told to stop'));
    await expect(collector.collect({ onProgress }, stop.signal)).rejects.toThrow('told to stop');
    expect(await storedDigests(rig)).toHaveLength(4);
    expect(await collector.collect()).toMatchObject({ deletedBlobs: 4 });
  });

  it.each([
    ['before the content went', 'content'],
    ['before the row went', 'row'],
  ])('%s is finished by a later one', async (_, where) => {
    const blob = samples.blob();
    await pushBlob(rig, 'a', blob);
    pass(DELAY_MS);
    const crash = async (): Promise<never> => {
      throw new Error('power cut');
    };
    const run: Catalog['run'] = (name, args) => (name === 'endDeletions' ? crash() : rig.catalog.run(name, args));
    const dying =
      where === 'content' ? { blobs: { removeAll: crash } } : { catalog: { queries: rig.catalog.queries, run } };
    await expect(createCollector(rig, dying).collect()).rejects.toThrow('power cut');
    const collector = createCollector(rig);
    expect(await collector.collect()).toMatchObject({ deletedBlobs: 0 });
    pass(GIVEN_UP_MS);
    expect(await collector.collect()).toMatchObject({ deletedBlobs: 1 });
    expect(await storedDigests(rig)).toEqual([]);
    expect(await rig.catalog.queries.findContent(blob.digest)).toBeUndefined();
  });

  it('leaves alone what it began too long ago, which may be another’s by now', async () => {
    const blob = samples.blob();
    await pushBlob(rig, 'a', blob);
    pass(DELAY_MS);
    const run: Catalog['run'] = async (name, args) => {
      const result = await rig.catalog.run(name, args);
      if (name === 'beginDeletions') pass(GIVEN_UP_MS / 2);
      return result;
    };
    const collector = createCollector(rig, { catalog: { queries: rig.catalog.queries, run } });
    expect(await collector.collect()).toMatchObject({ deletedBlobs: 0, stuck: 1 });
    expect(collector.stuck).toEqual([blob.digest]);
    expect(await storedDigests(rig)).toEqual([blob.digest]);
  });
});

describe('a push beside a collection', () => {
  it('waits for the end of a deletion and then brings the blob again', async () => {
    const blob = samples.blob();
    await pushBlob(rig, 'a', blob);
    pass(DELAY_MS);
    let push: Promise<void> | undefined;
    const removeAll: typeof rig.storage.blobs.removeAll = async (digests, leftMs) => {
      push = pushBlob(rig, 'b', blob);
      await new Promise(setImmediate);
      return rig.storage.blobs.removeAll(digests, leftMs);
    };
    await createCollector(rig, { blobs: { removeAll } }).collect();
    await push;
    expect(await pullBlob(rig, 'b', blob.digest)).toEqual(blob.bytes);
  });

  it('takes no longer than a deletion that was given up may last', async () => {
    const blob = samples.blob();
    await pushBlob(rig, 'a', blob);
    pass(DELAY_MS);
    const removeAll = async (): Promise<never> => {
      throw new Error('power cut');
    };
    await expect(createCollector(rig, { blobs: { removeAll } }).collect()).rejects.toThrow('power cut');
    const startMs = rig.clock.nowMs;
    await pushBlob(rig, 'b', blob);
    expect(rig.clock.nowMs - startMs).toBeLessThan(2 * GIVEN_UP_MS);
    expect(await pullBlob(rig, 'b', blob.digest)).toEqual(blob.bytes);
    await pushImage(rig, 'b', samples.image(), 'v1');
  });
});
