import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Digest } from '../../pkg/oci/index.ts';
import type { Staging } from '../storage/driver.ts';
import { createSamples, type Sample } from '../testing/images.ts';
import {
  BY,
  byDigest,
  byTag,
  openRig,
  pullBlob,
  pushBlob,
  pushImage,
  replaceContent,
  repository,
  type Rig,
} from './fixtures.suite.ts';

const NAME = repository('team/app');
const OTHER = repository('team/other');
const samples = createSamples('quarantine');
const absent = { code: 'BLOB_UNKNOWN' };

describe('quarantined content', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await openRig();
  });
  afterEach(() => rig.close());

  const quarantine = (digest: Digest, { catalog, clock }: Rig = rig) =>
    catalog.run('quarantine', { by: BY, nowMs: clock.nowMs, digest, problem: 'wrong content' });
  const listed = async (): Promise<readonly Digest[]> =>
    (await rig.catalog.queries.listQuarantine({ limit: 10 })).map(({ digest }) => digest);
  const mount = (digest: Digest) =>
    rig.registry.uploads.start(BY, OTHER, { algorithm: 'sha256', mount: { digest, from: NAME, mayPull: () => true } });
  const flipped = ({ bytes }: Sample): Buffer => {
    const copy = Buffer.from(bytes);
    copy[copy.length >> 1]! ^= 1;
    return copy;
  };

  it.each([
    ['small', 1000],
    ['large', 2_000_000],
  ])('is given to nobody where it is a %s blob, nor mounted', async (_size, sizeBytes) => {
    const blob = samples.blob(sizeBytes);
    await pushBlob(rig, NAME, blob);
    await pullBlob(rig, NAME, blob.digest); // it may be in memory now
    await quarantine(blob.digest);
    await expect(pullBlob(rig, NAME, blob.digest)).rejects.toMatchObject(absent);
    await expect(rig.registry.blobs.stat(NAME, blob.digest)).rejects.toMatchObject(absent);
    expect(await mount(blob.digest)).toMatchObject({ kind: 'started' });
    expect(rig.damages).toEqual([]); // it was told when it was found
  });

  it('is not what a client is sent to elsewhere for', async () => {
    const elsewhere = Object.assign(rig.storage, { presign: async () => new URL('https://bucket.example/blob') });
    const blob = samples.blob(2_000_000);
    await pushBlob(rig, NAME, blob);
    expect(elsewhere.presign).toBeDefined();
    expect(await rig.registry.blobs.open(NAME, blob.digest)).toMatchObject({ kind: 'elsewhere' });
    await quarantine(blob.digest);
    await expect(rig.registry.blobs.open(NAME, blob.digest)).rejects.toMatchObject(absent);
  });

  it('is not given where it is a manifest that is in memory, until it is pushed again', async () => {
    const image = samples.image();
    await pushImage(rig, NAME, image, '1.0');
    await rig.registry.manifests.get(NAME, byTag('1.0'));
    await quarantine(image.manifest.digest);
    for (const reference of [byTag('1.0'), byDigest(image.manifest.digest)]) {
      await expect(rig.registry.manifests.get(NAME, reference)).rejects.toMatchObject({ code: 'MANIFEST_UNKNOWN' });
      await expect(rig.registry.manifests.stat(NAME, reference)).rejects.toMatchObject({ code: 'MANIFEST_UNKNOWN' });
    }
    await pushImage(rig, NAME, image, '1.0');
    expect((await rig.registry.manifests.get(NAME, byTag('1.0'))).digest).toBe(image.manifest.digest);
    expect(await listed()).toEqual([]);
  });

  it('is missing to a manifest that is pushed', async () => {
    const image = samples.image();
    await pushImage(rig, NAME, image, '1.0');
    const layer = image.blobs.at(-1)!;
    await quarantine(layer.digest);
    const { bytes, mediaType } = image.manifest;
    const push = {
      reference: byTag('2.0'),
      tags: [],
      contentType: mediaType,
      bytes,
      grant: { create: true, update: true },
    };
    await expect(rig.registry.manifests.put(BY, NAME, push)).rejects.toMatchObject({
      code: 'MANIFEST_BLOB_UNKNOWN',
      detail: [layer.digest],
    });
  });

  it('is mended in every repository by a push to one of them', async () => {
    const blob = samples.blob(2_000_000);
    await pushBlob(rig, NAME, blob);
    await pushBlob(rig, OTHER, blob);
    await replaceContent(rig, blob.digest, flipped(blob));
    await quarantine(blob.digest);
    await pushBlob(rig, OTHER, blob);
    expect(await listed()).toEqual([]);
    expect((await pullBlob(rig, NAME, blob.digest)).equals(blob.bytes)).toBe(true);
  });

  it('is replaced also where it was found damaged only after the push had brought its bytes', async () => {
    const blob = samples.blob(2_000_000);
    await pushBlob(rig, NAME, blob);
    let isFirst = true;
    const replaced: unknown[] = [];
    const late = await openRig({
      wrapCatalog: (catalog) => ({
        ...catalog,
        run: async (name, args) => {
          if (name === 'finishUpload') {
            replaced.push((args as { replaced?: boolean }).replaced);
            if (isFirst) await quarantine(blob.digest, late);
            isFirst = false;
          }
          return catalog.run(name, args);
        },
      }),
    });
    try {
      isFirst = false;
      await pushBlob(late, NAME, blob);
      isFirst = true;
      await pushBlob(late, NAME, blob);
      expect(replaced).toEqual([false, false, true]);
      expect((await pullBlob(late, NAME, blob.digest)).equals(blob.bytes)).toBe(true);
    } finally {
      await late.close();
    }
  });

  it('is replaced also where its deletion was given up, and its quarantine went with its row', async () => {
    const blob = samples.blob(2_000_000);
    const published: (boolean | undefined)[] = [];
    const bucket = await openRig({
      wrapDriver: (driver) => {
        const publish: Staging['publish'] = (from, to, sizeBytes, state, replace) => {
          published.push(replace);
          return driver.staging.publish(from, to, sizeBytes, state, replace);
        };
        return { ...driver, staging: { ...driver.staging, publish } };
      },
    });
    try {
      await pushBlob(bucket, NAME, blob);
      await replaceContent(bucket, blob.digest, flipped(blob));
      await quarantine(blob.digest, bucket);
      await bucket.registry.blobs.delete(BY, NAME, blob.digest);
      const [{ catalog }, nowMs] = [bucket, bucket.clock.nowMs];
      await catalog.run('beginDeletions', { by: BY, nowMs, deletion: 'd', digests: [blob.digest], beforeMs: nowMs });
      await catalog.run('dropDeletion', { digest: blob.digest, beforeMs: nowMs });
      published.length = 0;
      await pushBlob(bucket, NAME, blob);
      await pushBlob(bucket, OTHER, blob);
      expect(published).toEqual([true, false]);
      expect((await pullBlob(bucket, NAME, blob.digest)).equals(blob.bytes)).toBe(true);
    } finally {
      await bucket.close();
    }
  });

  it('that nothing references is garbage like any other', async () => {
    const blob = samples.blob(1000);
    await pushBlob(rig, NAME, blob);
    await quarantine(blob.digest);
    const nowMs = rig.clock.nowMs + 7 * 24 * 60 * 60 * 1000;
    const begun = await rig.catalog.run('beginDeletions', {
      by: BY,
      nowMs,
      deletion: 'd',
      digests: [blob.digest],
      beforeMs: nowMs,
    });
    expect(begun.map(({ digest }) => digest)).toEqual([blob.digest]);
  });
});
