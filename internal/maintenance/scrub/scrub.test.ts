import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Digest } from '../../../pkg/oci/index.ts';
import {
  byTag,
  openRig,
  pullBlob,
  pushBlob,
  pushImage,
  replaceContent,
  repository,
  type Rig,
} from '../../registry/fixtures.suite.ts';
import { StorageError } from '../../storage/index.ts';
import { createSamples, type SampleImage } from '../../testing/images.ts';
import { BY, flipped, openScrub, quarantined, sourceOf } from './fixtures.suite.ts';
import { summarize } from './hurt.ts';

const NAME = repository('team/app');
const OTHER = repository('team/other');
const samples = createSamples('scrub');

describe('the scrub', () => {
  let rig: Rig;
  let image: SampleImage;
  beforeEach(async () => {
    rig = await openRig({ config: { 'registry.cache_size': 0 } });
    image = samples.image();
    await pushImage(rig, NAME, image, '1.0', 'latest');
  });
  afterEach(() => rig.close());

  const layer = () => image.blobs.at(-1)!;
  const absent = { code: 'BLOB_UNKNOWN' };

  it('finds nothing wrong with what is as it was pushed, and counts what it read', async () => {
    const { pass, findings } = openScrub(rig);
    const all = [...image.blobs, image.manifest];
    const bytes = all.reduce((sum, { size }) => sum + size, 0);
    const { tally, finishedMs, error } = await pass();
    expect(tally).toEqual({ blobs: all.length, bytes, damaged: 0, mended: 0 });
    expect([findings, finishedMs, error]).toEqual([[], rig.clock.nowMs, undefined]);
  });

  it.each([
    ['gone', () => undefined, 'missing'],
    ['cut short', (bytes: Uint8Array) => bytes.subarray(1), 'wrong size'],
    ['longer than it was', (bytes: Uint8Array) => Buffer.concat([bytes, bytes]), 'wrong size'],
    ['not what it was', (bytes: Uint8Array) => flipped({ bytes }), 'wrong content'],
  ] as const)('quarantines content that is %s, and names the tags that it hurts', async (_how, change, problem) => {
    await pushImage(rig, OTHER, image, 'v2');
    await replaceContent(rig, layer().digest, change(layer().bytes));
    const { pass, findings, told } = openScrub(rig);
    const { tally } = await pass();
    expect(tally).toMatchObject({ damaged: 1, mended: 0 });
    expect(findings).toMatchObject([{ digest: layer().digest, problem, isKnown: false, failures: [] }]);
    expect(summarize(findings[0]!.hurt, 10).names.toSorted()).toEqual([
      'team/app:1.0',
      'team/app:latest',
      'team/other:v2',
    ]);
    expect(told).toEqual(['Damaged content is quarantined', 'All content was read']);
    expect(await quarantined(rig)).toEqual([layer().digest]);
    for (const name of [NAME, OTHER]) {
      await expect(rig.registry.blobs.stat(name, layer().digest)).rejects.toMatchObject(absent);
    }
  });

  it('finds bit rot in a manifest, and in a layer too large to be read at each request', async () => {
    const large = samples.blob(2_000_000);
    await pushBlob(rig, NAME, large);
    await replaceContent(rig, large.digest, flipped(large));
    await replaceContent(rig, image.manifest.digest, flipped(image.manifest));
    expect((await pullBlob(rig, NAME, large.digest)).equals(large.bytes)).toBe(false);
    await openScrub(rig).pass();
    expect((await quarantined(rig)).toSorted()).toEqual([large.digest, image.manifest.digest].toSorted());
    await expect(pullBlob(rig, NAME, large.digest)).rejects.toMatchObject(absent);
    await expect(rig.registry.manifests.get(NAME, byTag('1.0'))).rejects.toMatchObject({ code: 'MANIFEST_UNKNOWN' });
  });

  it('brings content back from the first source that has it as it was', async () => {
    const lies = { ...layer(), bytes: flipped(layer()) };
    await replaceContent(rig, layer().digest, flipped(layer()));
    const short = { ...layer(), bytes: layer().bytes.subarray(1) };
    const sources = [sourceOf('empty'), sourceOf('liar', lies), sourceOf('cut', short), sourceOf('good', layer())];
    const { pass, findings } = openScrub(rig, { sources });
    expect((await pass()).tally).toMatchObject({ damaged: 1, mended: 1 });
    expect(findings).toMatchObject([
      {
        mendedFrom: 'good',
        failures: [
          'empty: it is not there',
          'liar: its bytes there are not what its digest says',
          `cut: it has ${layer().size - 1} bytes there, not ${layer().size}`,
        ],
      },
    ]);
    expect(await quarantined(rig)).toEqual([]);
    expect((await pullBlob(rig, NAME, layer().digest)).equals(layer().bytes)).toBe(true);
  });

  it.each([
    ['small', 1000],
    ['large', 2_000_000],
  ])('never puts wrong bytes of a source in place of a %s blob', async (_size, sizeBytes) => {
    const blob = samples.blob(sizeBytes);
    await pushBlob(rig, NAME, blob);
    await replaceContent(rig, blob.digest, undefined);
    const { pass } = openScrub(rig, { sources: [sourceOf('liar', { ...blob, bytes: flipped(blob) })] });
    await pass();
    expect(await rig.storage.blobs.stat(blob.digest)).toBeUndefined();
    expect(await quarantined(rig)).toEqual([blob.digest]);
  });

  it('repairs only where it is asked to', async () => {
    await replaceContent(rig, layer().digest, undefined);
    const source = sourceOf('good', layer());
    const { pass } = openScrub(rig, { sources: [source] });
    expect((await pass({ repair: false })).tally).toMatchObject({ damaged: 1, mended: 0 });
    expect(source.asked).toEqual([]);
  });

  it('tries what is quarantined again with each pass, as after a crash before the repair', async () => {
    await replaceContent(rig, layer().digest, flipped(layer()));
    let isDown = true;
    const good = sourceOf('good', layer());
    const open: typeof good.open = (...args) => (isDown ? Promise.reject(new Error('it is down')) : good.open(...args));
    const { pass, findings } = openScrub(rig, { sources: [{ ...good, open }] });
    await pass();
    expect(findings.at(-1)).toMatchObject({ mendedFrom: undefined, failures: ['good: it is down'] });
    isDown = false;
    expect((await pass()).tally).toMatchObject({ damaged: 0 }); // it was found by the pass before
    expect(findings.at(-1)).toMatchObject({ mendedFrom: 'good', isKnown: true });
    expect(await quarantined(rig)).toEqual([]);
  });

  it('lets content go that is there again as it was', async () => {
    await replaceContent(rig, layer().digest, undefined);
    const { pass, findings } = openScrub(rig);
    await pass();
    await replaceContent(rig, layer().digest, layer().bytes);
    await pass();
    expect(findings.at(-1)).toMatchObject({ digest: layer().digest, mendedFrom: 'storage' });
    expect((await pullBlob(rig, NAME, layer().digest)).equals(layer().bytes)).toBe(true);
  });

  it('says nothing of content that is being collected', async () => {
    const blob = samples.blob(1000);
    await pushBlob(rig, NAME, blob);
    const digests = [blob.digest];
    const blobs = {
      ...rig.storage.blobs,
      open: async (digest: Digest) => {
        if (digest === blob.digest) {
          const nowMs = rig.clock.nowMs + 1e12;
          await rig.catalog.run('beginDeletions', { by: BY, nowMs, deletion: 'd', digests, beforeMs: nowMs });
          await rig.storage.blobs.remove(digest);
        }
        return rig.storage.blobs.open(digest);
      },
    };
    const { pass, findings } = openScrub(rig, { storage: { ...rig.storage, blobs } });
    expect((await pass()).error).toBeUndefined();
    expect([findings, await quarantined(rig)]).toEqual([[], []]);
  });

  it('lets go what is pushed again between the look and the quarantine', async () => {
    await replaceContent(rig, layer().digest, flipped(layer()));
    const catalog: Rig['catalog'] = {
      ...rig.catalog,
      run: async (name, args) => {
        if (name === 'quarantine') await pushBlob(rig, NAME, layer());
        return rig.catalog.run(name, args);
      },
    };
    const { pass, findings } = openScrub(rig, { catalog });
    await pass();
    expect([findings, await quarantined(rig)]).toEqual([[], []]);
    expect(await rig.registry.blobs.stat(NAME, layer().digest)).toEqual({ sizeBytes: layer().size });
  });

  it('does not quarantine what storage fails to read, and tells of it', async () => {
    const blobs = {
      ...rig.storage.blobs,
      open: async (digest: Digest) => {
        if (digest === layer().digest) throw new StorageError('broken', 'input/output error');
        return rig.storage.blobs.open(digest);
      },
    };
    const storage = { ...rig.storage, blobs };
    const { pass, findings, told } = openScrub(rig, { storage });
    expect((await pass()).tally).toMatchObject({ damaged: 1 });
    expect(findings).toMatchObject([{ problem: 'unreadable', detail: 'input/output error' }]);
    expect(told).toContain('Stored content cannot be read');
    expect(await quarantined(rig)).toEqual([]);

    const mending = openScrub(rig, { storage, sources: [sourceOf('good', layer())] });
    await mending.pass();
    expect(mending.findings).toMatchObject([{ problem: 'unreadable', mendedFrom: 'good' }]);
  });

  it('does not mind a read that fails once', async () => {
    let failures = 1;
    const blobs = {
      ...rig.storage.blobs,
      open: async (digest: Digest) => {
        if (digest === layer().digest && failures-- > 0) throw new StorageError('busy', 'again');
        return rig.storage.blobs.open(digest);
      },
    };
    const { pass, findings } = openScrub(rig, { storage: { ...rig.storage, blobs } });
    await pass();
    expect(findings).toEqual([]);
  });

  it('breaks off where storage is away, and says nothing of content', async () => {
    const storage = {
      ...rig.storage,
      blobs: { ...rig.storage.blobs, open: () => Promise.resolve(undefined) },
      check: () => Promise.reject(new StorageError('busy', 'storage is away')),
    };
    const { pass, findings } = openScrub(rig, { storage });
    expect(await pass()).toMatchObject({ error: 'storage is away', finishedMs: undefined });
    expect([findings, await quarantined(rig)]).toEqual([[], []]);
  });

  it('takes a storage that has nothing of what is known for the wrong one', async () => {
    for (let count = 0; count < 100; count += 1) await pushBlob(rig, NAME, samples.blob(10));
    const blobs = { ...rig.storage.blobs, open: () => Promise.resolve(undefined) };
    const { pass, findings } = openScrub(rig, { storage: { ...rig.storage, blobs } });
    expect((await pass()).error).toMatch(/^storage has none of \d+ contents in a row/);
    expect([findings, await quarantined(rig)]).toEqual([[], []]);
  });

  it('examines what somebody found while reading it, once however often that is', async () => {
    await replaceContent(rig, layer().digest, flipped(layer()));
    const { scrub, findings } = openScrub(rig);
    for (let times = 0; times < 5; times += 1) scrub.suspect(layer().digest);
    scrub.suspect(image.manifest.digest);
    const last = samples.blob(10);
    await pushBlob(rig, NAME, last);
    await replaceContent(rig, last.digest, undefined);
    scrub.suspect(last.digest);
    await until(() => findings.length > 1);
    expect(findings).toMatchObject([
      { digest: layer().digest, problem: 'wrong content' },
      { digest: last.digest, problem: 'missing' },
    ]);
    await scrub.close();
  });
});

/** Gives others their turn until it is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}
