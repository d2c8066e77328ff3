import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Digest } from '../../../pkg/oci/index.ts';
import { openRig, pushBlob, replaceContent, repository, type Rig } from '../../registry/fixtures.suite.ts';
import { StorageError } from '../../storage/index.ts';
import { createSamples, type Sample } from '../../testing/images.ts';
import { BY, flipped, openScrub, quarantined, sourceOf } from './fixtures.suite.ts';
import { createPace } from './pace.ts';
import { nextPassMs, shareDone, type ScrubRun } from './run.ts';

const NAME = repository('team/app');
const samples = createSamples('passes');
const HOUR = 3_600_000;

describe('passes of the scrub', () => {
  let rig: Rig;
  let blobs: Sample[];
  beforeEach(async () => {
    rig = await openRig();
    blobs = Array.from({ length: 200 }, () => samples.blob(10)).toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
    for (const blob of blobs) await pushBlob(rig, NAME, blob);
  });
  afterEach(() => rig.close());

  /** Storage that notes what is opened, and does something before the read of one blob. */
  function watched(at?: Digest, act: () => unknown = () => undefined) {
    const opened: Digest[] = [];
    const open = async (digest: Digest) => {
      opened.push(digest);
      if (digest === at) await act();
      return rig.storage.blobs.open(digest);
    };
    return { opened, storage: { ...rig.storage, blobs: { ...rig.storage.blobs, open } } };
  }

  it('that are cut short go on near where they stood, also in another process', async () => {
    const stopped = watched(blobs[150]!.digest, () => void first.scrub.close());
    const first = openScrub(rig, stopped);
    const cut = await first.pass({ anew: false });
    expect(cut).toMatchObject({ finishedMs: undefined, isUnderWay: false, error: undefined });
    expect(cut.tally.blobs).toBe(128);

    const { opened, storage } = watched();
    const second = openScrub(rig, { storage });
    const run = await second.pass({ anew: false });
    expect(run).toMatchObject({ id: cut.id, startedMs: cut.startedMs, finishedMs: rig.clock.nowMs });
    expect(run.tally.blobs).toBe(200);
    expect(opened.toSorted()).toEqual(blobs.slice(128).map(({ digest }) => digest));
  });

  it('begin anew where that is asked for', async () => {
    const stopped = watched(blobs[150]!.digest, () => void first.scrub.close());
    const first = openScrub(rig, stopped);
    await first.pass();
    const { opened, storage } = watched();
    await openScrub(rig, { storage }).pass({ anew: true });
    expect(opened).toHaveLength(200);
  });

  it('can look at only what came since a time, and leave that of all content where it stands', async () => {
    const stopped = watched(blobs[150]!.digest, () => void first.scrub.close());
    const first = openScrub(rig, stopped);
    const cut = await first.pass();
    rig.clock.nowMs += HOUR;
    const late = samples.blob(10);
    await pushBlob(rig, NAME, late);
    const { opened, storage } = watched();
    const second = openScrub(rig, { storage });
    expect(await second.pass({ sinceMs: rig.clock.nowMs, anew: false })).toMatchObject({ tally: { blobs: 1 } });
    expect(opened).toEqual([late.digest]);
    expect(await second.pass({ anew: false })).toMatchObject({ id: cut.id });
  });

  it('are one at a time, of all processes together', async () => {
    const hold = Promise.withResolvers<void>();
    const held = watched(blobs[0]!.digest, () => hold.promise);
    const first = openScrub(rig, held);
    const going = first.pass();
    const other = openScrub(rig);
    while (held.opened.length === 0) await new Promise(setImmediate);
    expect(await other.scrub.begin({ trigger: 'admin', by: BY })).toEqual({ kind: 'busy' });
    expect((await other.scrub.status()).isRunning).toBe(true);
    hold.resolve();
    await going;
    expect((await other.scrub.status()).isRunning).toBe(false);
  });

  it('come by themselves when their interval is over', async () => {
    const { opened, storage } = watched();
    const { scrub } = openScrub(rig, { storage, config: { 'scrub.interval': 10 * HOUR } });
    const { signal } = new AbortController();
    await scrub.runIfDue(signal);
    expect(opened).toHaveLength(200);
    await scrub.runIfDue(signal);
    expect(opened).toHaveLength(200);
    expect(await scrub.status()).toMatchObject({ isRunning: false, nextMs: rig.clock.nowMs + 10 * HOUR });
    rig.clock.nowMs += 10 * HOUR;
    await scrub.runIfDue(signal);
    expect(opened).toHaveLength(400);
  });

  it('that come by themselves throw what they met, as it was: who runs jobs may know it from elsewhere', async () => {
    const away = new StorageError('busy', 'the bucket is away');
    let looks = 0;
    const check = async (): Promise<void> => {
      looks += 1;
      if (looks > 1) throw away;
    };
    const { scrub } = openScrub(rig, { storage: { ...rig.storage, check } });
    await expect(scrub.runIfDue(new AbortController().signal)).rejects.toBe(away);
    expect((await scrub.status()).last).toMatchObject({ error: 'the bucket is away', isUnderWay: false });
  });

  it.each([{ 'scrub.enabled': false }, { 'scrub.interval': 0 }])(
    'do not come where they are off: %j',
    async (config) => {
      const { opened, storage } = watched();
      const { scrub } = openScrub(rig, { storage, config });
      await scrub.runIfDue(new AbortController().signal);
      expect(opened).toEqual([]);
      expect((await scrub.status()).nextMs).toBeUndefined();
    },
  );

  it('try to mend every hour in between, and tell only what that mends', async () => {
    const [bad] = blobs;
    await replaceContent(rig, bad!.digest, flipped(bad!));
    const good = sourceOf('good');
    const { scrub, findings } = openScrub(rig, { sources: [good] });
    const { signal } = new AbortController();
    await scrub.runIfDue(signal);
    rig.clock.nowMs += HOUR;
    await scrub.runIfDue(signal);
    expect([findings.length, good.asked.length]).toEqual([1, 2]);
    await replaceContent(rig, bad!.digest, bad!.bytes);
    await scrub.runIfDue(signal);
    expect(await quarantined(rig)).toEqual([bad!.digest]);
    rig.clock.nowMs += HOUR;
    await scrub.runIfDue(signal);
    expect(await quarantined(rig)).toEqual([]);
    expect(findings.at(-1)).toMatchObject({ mendedFrom: 'storage' });
  });

  it('take as long as their rate has it', async () => {
    const startMs = rig.clock.nowMs;
    await openScrub(rig, { config: { 'scrub.rate': 100 } }).pass();
    expect(rig.clock.nowMs - startMs).toBeGreaterThanOrEqual(20_000 - 100);
    expect(rig.clock.nowMs - startMs).toBeLessThanOrEqual(20_500);
  });
});

describe('the pace', () => {
  it('waits for what is worth a timer, and does not make up for idle times', async () => {
    let now = 0;
    const waits: number[] = [];
    const pause = async (ms: number) => void (waits.push(ms), (now += ms));
    const pace = createPace({ ticks: () => now, pause }, 1000);
    const { signal } = new AbortController();
    await pace(10, signal);
    await pace(10, signal);
    now += 60_000;
    await pace(500, signal);
    expect(waits).toEqual([20, 500]);
  });

  it('ends with its signal', async () => {
    const pace = createPace({ ticks: () => 0, pause: async () => undefined }, 0);
    await expect(pace(1, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
  });
});

describe('a pass that is noted', () => {
  const run = (more: Partial<ScrubRun>): ScrubRun => ({
    id: 'a',
    trigger: 'schedule',
    startedMs: 0,
    finishedMs: 100,
    aliveMs: 100,
    isUnderWay: false,
    sinceMs: undefined,
    after: undefined,
    tally: { blobs: 0, bytes: 0, damaged: 0, mended: 0 },
    error: undefined,
    ...more,
  });

  it.each([
    ['none', [], 0],
    ['one that was cut short', [run({ finishedMs: undefined }), run({})], 0],
    ['one that came to its end', [run({})], 1100],
    ['one of new content alone', [run({ sinceMs: 5, finishedMs: 900 }), run({})], 1100],
    ['one of new content alone that was cut short', [run({ sinceMs: 5, finishedMs: undefined }), run({})], 1100],
  ])('says when the next is due, after %s', (_what, runs, due) => {
    expect(nextPassMs(runs, 1000)).toBe(due);
  });

  it('says how far it has come', () => {
    const at = (hex: string) => shareDone({ after: `sha256:${hex.padEnd(64, '0')}` as Digest, finishedMs: undefined });
    expect([shareDone(run({ finishedMs: undefined })), at('8'), at('c'), shareDone(run({}))]).toEqual([
      0, 0.5, 0.75, 1,
    ]);
  });
});
