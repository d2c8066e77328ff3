import { afterEach, describe, expect, it } from '@jest/globals';
import type { Digest } from '../../pkg/oci/index.ts';
import type { Driver } from '../storage/driver.ts';
import { createSamples, type Sample } from '../testing/images.ts';
import {
  byDigest,
  byTag,
  openRig,
  pullBlob,
  pushBlob,
  pushImage,
  replaceContent,
  repository,
} from './fixtures.suite.ts';
import type { Rig } from './fixtures.suite.ts';
import type { Damage } from './index.ts';

const NAME = repository('team/app');
const KIB = 1024;
const samples = createSamples('damage');

function flipped({ bytes }: Sample): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length >> 1]! ^= 1;
  return copy;
}

/** Hands out content in pieces, as a folder does. */
function inPieces(driver: Driver): Driver {
  return {
    ...driver,
    objects: {
      ...driver.objects,
      open: async (key) => {
        const content = await driver.objects.open(key);
        if (!content) return undefined;
        async function* read(): AsyncGenerator<Uint8Array> {
          for await (const bytes of content!.read()) {
            for (let at = 0; at < bytes.length; at += 256 * KIB) yield bytes.subarray(at, at + 256 * KIB);
          }
        }
        return { ...content, read: (range) => (range ? content.read(range) : read()) };
      },
    },
  };
}

type Damaged = readonly [how: string, make: (whole: Sample) => Uint8Array | undefined, problem: Damage['problem']];

const DAMAGES: readonly Damaged[] = [
  ['that is gone', () => undefined, 'missing'],
  ['that was cut short', ({ bytes }) => bytes.subarray(1), 'wrong size'],
  ['of which one bit flipped', flipped, 'wrong content'],
];

describe('damaged content', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  /** A second process on the same stores: one that has nothing in memory yet. */
  async function forgetful(): Promise<Rig> {
    rig = await openRig({ config: { 'registry.cache_size': 0 } });
    return rig;
  }
  const stat = (digest: Digest) => rig.registry.blobs.stat(NAME, digest);

  for (const [size, sizeBytes] of [
    ['a config', 2 * KIB],
    ['a small layer', 700 * KIB],
  ] as const) {
    it.each(DAMAGES)(`is absent where it is ${size} %s`, async (_how, damaged, problem) => {
      await forgetful();
      const blob = samples.blob(sizeBytes);
      await pushBlob(rig, NAME, blob);
      await replaceContent(rig, blob.digest, damaged(blob));

      const absent = { code: 'BLOB_UNKNOWN', detail: [blob.digest] };
      await expect(pullBlob(rig, NAME, blob.digest)).rejects.toMatchObject(absent);
      await expect(stat(blob.digest)).rejects.toMatchObject(absent);
      expect(rig.damages).toEqual(Array(2).fill({ repository: NAME, digest: blob.digest, problem }));
    });

    it.each(DAMAGES)(`is mended by a push where it is ${size} %s`, async (_how, damaged) => {
      await forgetful();
      const blob = samples.blob(sizeBytes);
      await pushBlob(rig, NAME, blob);
      await replaceContent(rig, blob.digest, damaged(blob));
      await pushBlob(rig, NAME, blob);
      expect(await stat(blob.digest)).toEqual({ sizeBytes });
      expect((await pullBlob(rig, NAME, blob.digest)).equals(blob.bytes)).toBe(true);
    });
  }

  it.each(DAMAGES)('is absent where it is a manifest %s, until it is pushed again', async (_how, damaged, problem) => {
    await forgetful();
    const image = samples.image();
    await pushImage(rig, NAME, image, '1.0');
    await replaceContent(rig, image.manifest.digest, damaged(image.manifest));

    const references = [byTag('1.0'), byDigest(image.manifest.digest)];
    for (const reference of references) {
      const absent = { code: 'MANIFEST_UNKNOWN' };
      await expect(rig.registry.manifests.get(NAME, reference)).rejects.toMatchObject(absent);
      await expect(rig.registry.manifests.stat(NAME, reference)).rejects.toMatchObject(absent);
    }
    expect(rig.damages).toEqual(Array(4).fill({ repository: NAME, digest: image.manifest.digest, problem }));

    await pushImage(rig, NAME, image, '1.0');
    for (const reference of references) {
      expect((await rig.registry.manifests.get(NAME, reference)).bytes).toEqual(new Uint8Array(image.manifest.bytes));
    }
  });

  it.each(DAMAGES.slice(0, 2))('is absent where it is a large layer %s', async (_how, damaged, problem) => {
    await forgetful();
    const blob = samples.blob(1200 * KIB);
    await pushBlob(rig, NAME, blob);
    await replaceContent(rig, blob.digest, damaged(blob));
    await expect(stat(blob.digest)).rejects.toMatchObject({ code: 'BLOB_UNKNOWN' });
    await expect(pullBlob(rig, NAME, blob.digest)).rejects.toMatchObject({ code: 'BLOB_UNKNOWN' });
    expect(rig.damages.map((damage) => damage.problem)).toEqual([problem, problem]);

    await pushBlob(rig, NAME, blob);
    expect((await pullBlob(rig, NAME, blob.digest)).equals(blob.bytes)).toBe(true);
  });

  it('is not given to the end where storage.verify_reads looks at a large layer', async () => {
    rig = await openRig({ verifyReads: true, wrapDriver: inPieces });
    const blob = samples.blob(1200 * KIB);
    await pushBlob(rig, NAME, blob);
    expect((await pullBlob(rig, NAME, blob.digest)).equals(blob.bytes)).toBe(true);

    await replaceContent(rig, blob.digest, flipped(blob));
    const opened = await rig.registry.blobs.open(NAME, blob.digest);
    if (opened.kind !== 'stream') throw new Error('a large layer is not kept in memory');
    let given = 0;
    const read = async (): Promise<void> => {
      for await (const chunk of opened.content.read()) given += chunk.length;
    };
    await expect(read()).rejects.toThrow(`content of ${blob.digest} does not match its digest`);
    await opened.content.close();
    expect(given).toBeLessThan(blob.size);
    expect(rig.damages).toEqual([{ repository: NAME, digest: blob.digest, problem: 'wrong content' }]);
  });

  it('is looked for once in content that stays, not at each request', async () => {
    let opened = 0;
    rig = await openRig({
      wrapDriver: (driver) => ({
        ...driver,
        objects: { ...driver.objects, open: async (key) => ((opened += 1), driver.objects.open(key)) },
      }),
    });
    const image = samples.image();
    await pushImage(rig, NAME, image, '1.0');
    await rig.registry.manifests.get(NAME, byTag('1.0'));
    opened = 0;
    for (let turn = 0; turn < 10; turn += 1) {
      await rig.registry.manifests.get(NAME, byTag('1.0'));
      await rig.registry.manifests.stat(NAME, byDigest(image.manifest.digest));
    }
    expect(opened).toBe(0);
  });

  it('gives its handle back, whatever is wrong with it', async () => {
    let open = 0;
    rig = await openRig({
      config: { 'registry.cache_size': 0 },
      wrapDriver: (driver) => ({
        ...driver,
        objects: {
          ...driver.objects,
          open: async (key) => {
            const content = await driver.objects.open(key);
            if (!content) return undefined;
            open += 1;
            return { ...content, close: async () => ((open -= 1), content.close()) };
          },
        },
      }),
    });
    for (const sizeBytes of [2 * KIB, 700 * KIB, 1200 * KIB]) {
      const blob = samples.blob(sizeBytes);
      await pushBlob(rig, NAME, blob);
      await pullBlob(rig, NAME, blob.digest);
      for (const [, damaged] of DAMAGES) {
        await replaceContent(rig, blob.digest, damaged(blob));
        await stat(blob.digest).catch(() => undefined);
        await pullBlob(rig, NAME, blob.digest).catch(() => undefined);
      }
    }
    expect(open).toBe(0);
  });
});
