import { describe, expect, it } from '@jest/globals';
import { parseTag } from '../../pkg/oci/index.ts';
import { createSamples, type SampleImage } from '../testing/images.ts';
import {
  BY,
  byDigest,
  byTag,
  pushBlob,
  pushImage,
  pushManifest,
  repository,
  storedKeys,
  useRig,
} from './fixtures.suite.ts';

const samples = createSamples('history');
const NAME = repository('team/app');
const MAIN = parseTag('main');

describe('history', () => {
  const rig = useRig({ config: { 'registry.immutable_tags': ['v*'] } });
  const digestOf = async (reference = byTag('main')) => (await rig.registry.manifests.get(NAME, reference)).digest;

  /** main pointed at each of these, one after the other. */
  async function pushAll(): Promise<readonly SampleImage[]> {
    const images = [samples.image(), samples.image(), samples.image()];
    for (const image of images) {
      await pushImage(rig, 'team/app', image, 'main');
      rig.clock.nowMs += 1000;
    }
    return images;
  }

  it('tells the moves of a tag newest first, page by page', async () => {
    const [one, two, three] = await pushAll();
    const first = await rig.registry.history.moves(NAME, MAIN, { limit: 2 });
    expect(first).toMatchObject({
      more: true,
      rows: [
        { from: two!.manifest.digest, to: three!.manifest.digest },
        { from: one!.manifest.digest, to: two!.manifest.digest },
      ],
    });
    const rest = await rig.registry.history.moves(NAME, MAIN, { limit: 2, after: first.rows[1]!.id });
    expect(rest).toMatchObject({ more: false, rows: [{ from: undefined, to: one!.manifest.digest }] });
  });

  it('resolves a tag as it was', async () => {
    const startMs = rig.clock.nowMs;
    const [one, two] = await pushAll();
    await rig.registry.manifests.delete(BY, NAME, byDigest(one!.manifest.digest));
    const { history } = rig.registry;
    const then = { digest: one!.manifest.digest, sinceMs: startMs, isHere: false };
    expect(await history.resolve(NAME, MAIN, startMs + 999)).toEqual(then);
    const later = { digest: two!.manifest.digest, sinceMs: startMs + 1000, isHere: true };
    expect(await history.resolve(NAME, MAIN, startMs + 1000)).toEqual(later);
    const before = history.resolve(NAME, MAIN, startMs - 1);
    await expect(before).rejects.toMatchObject({ code: 'MANIFEST_UNKNOWN' });
  });

  it('rolls back to what a tag was before, and forth again', async () => {
    const [, two, three] = await pushAll();
    const { history } = rig.registry;
    expect(await history.rollback(BY, NAME, MAIN)).toBe(two!.manifest.digest);
    expect(await digestOf()).toBe(two!.manifest.digest);
    expect(await history.rollback(BY, NAME, MAIN)).toBe(three!.manifest.digest);
  });

  it('rolls a deleted tag back to a manifest that was deleted with it', async () => {
    const [one, , three] = await pushAll();
    await rig.registry.manifests.delete(BY, NAME, byDigest(three!.manifest.digest));
    expect(await rig.registry.history.rollback(BY, NAME, MAIN)).toBe(three!.manifest.digest);
    expect(await digestOf()).toBe(three!.manifest.digest);
    expect(await rig.registry.history.rollback(BY, NAME, MAIN, one!.manifest.digest)).toBe(one!.manifest.digest);
    expect(await digestOf()).toBe(one!.manifest.digest);
  });

  it('keeps no content of a push that is refused for its tags', async () => {
    const [first, other] = [samples.image(), samples.image()];
    await pushImage(rig, 'team/app', first, 'v1');
    for (const blob of other.blobs) await pushBlob(rig, 'team/app', blob);
    const before = await storedKeys(rig, 'blobs');
    await expect(pushManifest(rig, 'team/app', other.manifest, 'v1')).rejects.toMatchObject({ code: 'TAG_IMMUTABLE' });
    const mayNot = { reference: byTag('new'), tags: [], grant: { create: false, update: true } };
    const { bytes, mediaType: contentType } = other.manifest;
    const push = rig.registry.manifests.put(BY, NAME, { ...mayNot, bytes, contentType });
    await expect(push).rejects.toMatchObject({ code: 'DENIED' });
    expect(await storedKeys(rig, 'blobs')).toEqual(before);
    await pushManifest(rig, 'team/app', first.manifest, 'v1');
  });

  it('moves no immutable tag, and points at nothing that was never here', async () => {
    const [one] = await pushAll();
    const other = samples.image();
    await pushImage(rig, 'team/app', samples.image(), 'v1');
    await pushImage(rig, 'elsewhere', other);
    const { history } = rig.registry;
    const moved = history.rollback(BY, NAME, parseTag('v1'), one!.manifest.digest);
    await expect(moved).rejects.toMatchObject({ code: 'TAG_IMMUTABLE' });
    const foreign = history.rollback(BY, NAME, MAIN, other.manifest.digest);
    await expect(foreign).rejects.toMatchObject({ code: 'MANIFEST_UNKNOWN' });
  });

  it('restores an index with the children that were deleted too', async () => {
    const child = samples.image();
    const index = samples.index([child.manifest]);
    await pushImage(rig, 'team/app', child);
    await pushManifest(rig, 'team/app', index, 'multi');
    for (const { digest } of [index, child.manifest]) await rig.registry.manifests.delete(BY, NAME, byDigest(digest));
    const gone = await rig.registry.history.deleted(NAME, { limit: 9 });
    expect(gone.rows.map(({ digest }) => digest).sort()).toEqual([index.digest, child.manifest.digest].sort());
    await rig.registry.history.restore(BY, NAME, index.digest, [MAIN]);
    expect(await digestOf()).toBe(index.digest);
    expect(await digestOf(byDigest(child.manifest.digest))).toBe(child.manifest.digest);
    expect((await rig.registry.history.deleted(NAME, { limit: 9 })).rows).toEqual([]);
  });

  it('restores nothing whose layers were taken out, and says which lack', async () => {
    const image = samples.image();
    await pushImage(rig, 'team/app', image);
    await rig.registry.manifests.delete(BY, NAME, byDigest(image.manifest.digest));
    const [layer] = image.blobs;
    await rig.registry.blobs.delete(BY, NAME, layer!.digest);
    const restored = rig.registry.history.restore(BY, NAME, image.manifest.digest);
    await expect(restored).rejects.toMatchObject({ code: 'MANIFEST_BLOB_UNKNOWN', detail: [layer!.digest] });
    await pushBlob(rig, 'team/app', layer!);
    await rig.registry.history.restore(BY, NAME, image.manifest.digest);
    expect(await digestOf(byDigest(image.manifest.digest))).toBe(image.manifest.digest);
  });
});
