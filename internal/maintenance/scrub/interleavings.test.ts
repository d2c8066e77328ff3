import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Digest } from '../../../pkg/oci/index.ts';
import {
  newUploadId,
  openRig,
  pullBlob,
  pushBlob,
  replaceContent,
  repository,
  type Rig,
} from '../../registry/fixtures.suite.ts';
import { createSamples, type Sample } from '../../testing/images.ts';
import { createExaminer, type Examination } from './examiner.ts';
import { BY, flipped, quarantined, sourceOf } from './fixtures.suite.ts';
import { everyOrder, Stage } from './interleavings.suite.ts';

jest.setTimeout(300_000); // there are thousands of orders

const NAME = repository('team/app');
const samples = createSamples('interleavings');

/** In whatever order the steps of a scrub and of others come, of whom none knows of the others. */
describe('a scrub beside others', () => {
  let stage: Stage;
  let rig: Rig;
  beforeEach(async () => {
    stage = new Stage();
    rig = await openRig({
      wrapDriver: stage.wrapDriver,
      wrapCatalog: stage.wrapCatalog,
      config: { 'registry.cache_size': 0 },
    });
  });
  afterEach(() => rig.close());

  const examination = (repair: boolean): Examination => ({
    by: BY,
    pace: async () => undefined,
    signal: new AbortController().signal,
    repair,
  });

  /** Looks at one content, as a pass does. */
  async function scrub({ digest, size }: Sample, ...copies: readonly Sample[]): Promise<void> {
    const { storage } = rig;
    const catalog = stage.wrapCatalog(rig.catalog);
    const clock = (): number => rig.clock.nowMs;
    const examiner = createExaminer({ storage, catalog, clock, newUploadId, sources: [sourceOf('copy', ...copies)] });
    const content = { digest, sizeBytes: size };
    const verdict = await examiner.judge(content, examination(copies.length > 0));
    await examiner.act(content, verdict, examination(copies.length > 0));
  }

  /** Deletes the content, as the collector does what nothing needs. */
  async function collect({ digest }: Sample): Promise<void> {
    const catalog = stage.wrapCatalog(rig.catalog);
    const deletion = randomUUID();
    const nowMs = rig.clock.nowMs + 1e12;
    const digests = [digest];
    const begun = await catalog.run('beginDeletions', { by: BY, nowMs, deletion, digests, beforeMs: nowMs });
    if (begun.length === 0) return;
    await rig.storage.blobs.remove(digest);
    await catalog.run('endDeletions', { deletion, digests });
  }

  const isKnown = async (digest: Digest): Promise<boolean> =>
    (await rig.catalog.queries.findBlob(NAME, digest)) !== undefined;
  async function damaged(sizeBytes = 64): Promise<Sample> {
    const blob = samples.blob(sizeBytes);
    await pushBlob(rig, NAME, blob);
    await replaceContent(rig, blob.digest, flipped(blob));
    return blob;
  }

  it('takes nothing from who pushes the damaged content again', async () => {
    const orders = await everyOrder(async (choose) => {
      const blob = await damaged();
      await stage.play({ scrub: () => scrub(blob), push: () => pushBlob(rig, NAME, blob) }, choose);
      expect(await quarantined(rig)).toEqual([]);
      expect((await pullBlob(rig, NAME, blob.digest)).equals(blob.bytes)).toBe(true);
    });
    expect(orders).toBeGreaterThan(500);
  });

  it.each([
    ['is written once, in its place', 64, 1],
    ['grows elsewhere first', 300 * 1024, 2],
  ])('repairs, or leaves to who pushes the content again, which %s', async (_, sizeBytes, inARow) => {
    const orders = await everyOrder(async (choose) => {
      const blob = await damaged(sizeBytes);
      const acts = { scrub: () => scrub(blob, blob), push: () => pushBlob(rig, NAME, blob) };
      await stage.play(acts, inRuns(inARow, choose));
      expect(await quarantined(rig)).toEqual([]);
      expect((await pullBlob(rig, NAME, blob.digest)).equals(blob.bytes)).toBe(true);
    });
    expect(orders).toBeGreaterThan(50);
  });

  it('says nothing bad of what is collected', async () => {
    const orders = await everyOrder(async (choose) => {
      const blob = samples.blob(64);
      await pushBlob(rig, NAME, blob);
      await stage.play({ scrub: () => scrub(blob), collect: () => collect(blob) }, choose);
      expect([await isKnown(blob.digest), await quarantined(rig)]).toEqual([false, []]);
    });
    expect(orders).toBeGreaterThan(3);
  });

  it('keeps nothing from being collected that is damaged, and brings none of it back as a blob', async () => {
    const orders = await everyOrder(async (choose) => {
      const blob = await damaged();
      await stage.play({ scrub: () => scrub(blob, blob), collect: () => collect(blob) }, choose);
      // The collector passes nothing over: whatever is left is content that no row knows.
      expect([await isKnown(blob.digest), await quarantined(rig)]).toEqual([false, []]);
    });
    expect(orders).toBeGreaterThan(50);
  });

  it('leaves one quarantine where two find the same, and none where both repair', async () => {
    await everyOrder(async (choose) => {
      const blob = await damaged();
      await stage.play({ one: () => scrub(blob), other: () => scrub(blob) }, inRuns(3, choose));
      expect(await quarantined(rig)).toEqual([blob.digest]);
      await collect(blob);
    });
    const blob = await damaged();
    await stage.play({ one: () => scrub(blob, blob), other: () => scrub(blob, blob) }, () => 0);
    expect(await quarantined(rig)).toEqual([]);
  });
});

/** Orders in which whoever does a step does so many in a row: where each by itself makes too many orders. */
function inRuns(steps: number, choose: (names: readonly string[]) => number): (names: readonly string[]) => number {
  let [left, latest]: [number, string | undefined] = [0, undefined];
  return (names) => {
    const going = left > 0 && latest !== undefined ? names.indexOf(latest) : -1;
    const choice = going >= 0 ? going : choose(names);
    left = going >= 0 ? left - 1 : steps - 1;
    latest = names[choice];
    return choice;
  };
}
