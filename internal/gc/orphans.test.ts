import { describe, expect, it } from '@jest/globals';
import { pullBlob, pushBlob, pushImage, useRig } from '../registry/fixtures.suite.ts';
import { createSamples } from '../testing/images.ts';
import { createCollector, DELAY_MS, storedDigests } from './fixtures.suite.ts';
import { adoptOrphans } from './orphans.ts';

const samples = createSamples('orphans');
const rig = useRig();
const search = (signal = new AbortController().signal) =>
  adoptOrphans(
    { catalog: rig.catalog, blobs: rig.storage.blobs, clock: () => rig.clock.nowMs },
    { graceMs: DELAY_MS },
    signal,
  );
const pass = (ms: number): void => void (rig.clock.nowMs += ms);

describe('the search for orphans', () => {
  it('hands content that no row knows to the collector, which takes it after its delay', async () => {
    const image = samples.image();
    await pushImage(rig, 'a', image, 'v1');
    const orphans = Array.from({ length: 40 }, () => samples.blob());
    for (const { digest, bytes } of orphans) await rig.storage.blobs.put(digest, bytes);
    pass(DELAY_MS);
    expect(await search()).toEqual({ looked: 44, adopted: 40 });
    expect(await search()).toEqual({ looked: 44, adopted: 0 });
    const collector = createCollector(rig);
    expect(await collector.collect()).toMatchObject({ deletedBlobs: 0 });
    pass(DELAY_MS);
    expect(await collector.collect()).toMatchObject({ deletedBlobs: 40 });
    expect(await storedDigests(rig)).toHaveLength(4);
  });

  it('passes over what was written just now', async () => {
    const { digest, bytes } = samples.blob();
    await rig.storage.blobs.put(digest, bytes);
    pass(DELAY_MS - 1);
    expect(await search()).toEqual({ looked: 1, adopted: 0 });
  });

  it('opens nothing to readers, and leaves a push its own size', async () => {
    const blob = samples.blob();
    await rig.storage.blobs.put(blob.digest, blob.bytes.subarray(1));
    pass(DELAY_MS);
    await search();
    await expect(pullBlob(rig, 'a', blob.digest)).rejects.toMatchObject({ code: 'BLOB_UNKNOWN' });
    await pushBlob(rig, 'a', blob);
    expect(await pullBlob(rig, 'a', blob.digest)).toEqual(blob.bytes);
  });

  it('stops when told to', async () => {
    await rig.storage.blobs.put(samples.blob().digest, Buffer.from('x'));
    await expect(search(AbortSignal.abort(new Error('told to stop')))).rejects.toThrow('told to stop');
  });
});
