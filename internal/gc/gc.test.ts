import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { BY, LEASE_MS, pushBlob, repository, useRig } from '../registry/fixtures.suite.ts';
import { StorageError } from '../storage/index.ts';
import { createSamples } from '../testing/images.ts';
import { DELAY_MS, HOUR_MS, storedDigests } from './fixtures.suite.ts';
import { createGc, type Gc, type GcDeps, type GcRequest } from './gc.ts';
import type { GcRun } from './run.ts';

const samples = createSamples('gc');
const rig = useRig();
const pass = (ms: number): void => void (rig.clock.nowMs += ms);
const SIGNAL = new AbortController().signal;
const BY_HAND: GcRequest = { trigger: 'admin', by: BY, dryRun: false };

interface Told {
  readonly gc: Gc;
  readonly records: string[];
  readonly runs: GcRun[];
}

function create(more: Partial<GcDeps> = {}, config: Partial<GcDeps['config']> = {}): Told {
  const { clock } = rig; // of this test, also where a run goes on after it
  const now = (): number => clock.nowMs;
  const records: string[] = [];
  const runs: GcRun[] = [];
  const tell =
    (level: string) =>
    (message: string): void =>
      void records.push(`${level} ${message}`);
  const gc = createGc({
    catalog: rig.catalog,
    storage: rig.storage,
    config: {
      'gc.enabled': true,
      'gc.interval': DELAY_MS,
      'gc.review_delay': DELAY_MS,
      'gc.max_deletes_per_second': 0,
      'gc.batch_size': 10,
      'gc.orphan_interval': 0,
      ...config,
    },
    clock: now,
    ticks: now,
    pause: async () => undefined,
    newId: randomUUID,
    log: { info: tell('info'), error: tell('error') },
    onRun: (over) => void runs.push(over),
    ...more,
  });
  return { gc, records, runs };
}

async function run(gc: Gc, request: Partial<GcRequest> = {}): Promise<GcRun | 'busy'> {
  const begun = await gc.begin({ ...BY_HAND, ...request });
  return begun.kind === 'busy' ? 'busy' : begun.done;
}

/** Storage that removes nothing before it is let. */
function heldStorage() {
  const asked = Promise.withResolvers<void>();
  const allowed = Promise.withResolvers<void>();
  const blobs: typeof rig.storage.blobs = {
    ...rig.storage.blobs,
    removeAll: async (digests, leftMs) => {
      asked.resolve();
      await allowed.promise;
      return rig.storage.blobs.removeAll(digests, leftMs);
    },
  };
  return { blobs, asked: asked.promise, allow: allowed.resolve };
}

async function leaveGarbage(count = 1): Promise<void> {
  for (let made = 0; made < count; made += 1) await pushBlob(rig, 'a', samples.blob(10));
  pass(DELAY_MS);
}

describe('a run by hand', () => {
  it('tells what it did, here and to every replica', async () => {
    await leaveGarbage(3);
    const { gc, records } = create();
    const done = await run(gc);
    expect(done).toMatchObject({
      trigger: 'admin',
      startedMs: rig.clock.nowMs,
      finishedMs: rig.clock.nowMs,
      dryRun: false,
      tally: { deletedBlobs: 3, deletedBytes: 30 },
      error: undefined,
    });
    expect((await create().gc.status()).last).toEqual(done);
    expect(records).toEqual(['info Garbage collected']);
  });

  it('may shorten the delay and keep to some repositories', async () => {
    await pushBlob(rig, 'a', samples.blob());
    await pushBlob(rig, 'b', samples.blob());
    pass(LEASE_MS);
    const { gc } = create({}, { 'gc.review_delay': 10 * DELAY_MS });
    expect(await run(gc)).toMatchObject({ tally: { deletedBlobs: 0 } });
    const repositories = new Set([repository('b')]);
    expect(await run(gc, { graceMs: 0, repositories })).toMatchObject({ tally: { deletedBlobs: 1 } });
  });

  it('looks for orphans where it is asked to', async () => {
    const { digest, bytes } = samples.blob();
    await rig.storage.blobs.put(digest, bytes);
    const { gc } = create();
    expect(await run(gc, { graceMs: 0 })).toMatchObject({ tally: { deletedBlobs: 0 } });
    expect(await run(gc, { graceMs: 0, orphans: true, dryRun: true })).toMatchObject({ tally: { foundBlobs: 0 } });
    expect(await run(gc, { graceMs: 0, orphans: true })).toMatchObject({ tally: { deletedBlobs: 1 } });
  });

  it('is refused while another goes on, here or elsewhere; a dry run is not', async () => {
    await leaveGarbage();
    const { blobs, asked, allow } = heldStorage();
    const { gc } = create({ storage: { ...rig.storage, blobs } });
    const going = run(gc);
    await asked;
    expect(await run(gc)).toBe('busy');
    const other = create().gc;
    expect(await run(other)).toBe('busy');
    expect(await other.status()).toMatchObject({ isRunning: true, last: undefined });
    expect(await run(other, { dryRun: true })).toMatchObject({ dryRun: true });
    allow();
    expect(await going).toMatchObject({ tally: { deletedBlobs: 1 } });
    expect(await other.status()).toMatchObject({ isRunning: false, last: { trigger: 'admin' } });
    expect(await run(other)).toMatchObject({ error: undefined });
  });

  it('that fails tells why, and leaves the way free for the next', async () => {
    await leaveGarbage();
    const gone = new Error('the disk is gone');
    const broken = { ...rig.storage.blobs, removeAll: () => Promise.reject(gone) };
    const { gc, records } = create({ storage: { ...rig.storage, blobs: broken } });
    expect(await run(gc)).toMatchObject({ error: 'the disk is gone' });
    expect(records).toEqual(['error Garbage collection broke off']);
    expect((await gc.status()).last).toMatchObject({ error: 'the disk is gone' });
    expect(await run(create().gc)).toMatchObject({ error: undefined });
  });

  it('whose process died counts as over after a while', async () => {
    await leaveGarbage();
    const { blobs, asked } = heldStorage();
    void run(create({ storage: { ...rig.storage, blobs } }).gc);
    await asked;
    const { gc } = create();
    expect((await gc.status()).isRunning).toBe(true);
    pass(HOUR_MS);
    expect(await gc.status()).toMatchObject({ isRunning: false, last: { finishedMs: undefined } });
    expect(await run(gc)).toMatchObject({ error: undefined });
  });

  it('gives signs of life while it goes on', async () => {
    await leaveGarbage(30);
    const tallies: number[] = [];
    const pause = async (): Promise<void> => {
      pass(30_000);
      const { gc } = create();
      tallies.push((await gc.status()).isRunning ? 1 : 0);
    };
    await run(create({ pause }, { 'gc.max_deletes_per_second': 1 }).gc);
    expect(tallies).toEqual([1, 1, 1]);
  });

  it('ends when the collector is closed, and says so', async () => {
    await leaveGarbage(20);
    const { blobs, asked, allow } = heldStorage();
    const { gc } = create({ storage: { ...rig.storage, blobs } });
    const going = run(gc);
    await asked;
    const closed = gc.close();
    allow();
    await closed;
    expect(await going).toMatchObject({ error: 'the collector is stopped', tally: { deletedBlobs: 10 } });
    expect(await storedDigests(rig)).toHaveLength(10);
  });
});

describe('the schedule', () => {
  it('runs at once where there never was a run, and then an interval after the last', async () => {
    const { gc, runs } = create();
    expect((await gc.status()).nextMs).toBe(rig.clock.nowMs);
    await gc.runIfDue(SIGNAL);
    expect((await gc.status()).nextMs).toBe(rig.clock.nowMs + DELAY_MS);
    pass(DELAY_MS - 1);
    await gc.runIfDue(SIGNAL);
    expect(runs).toHaveLength(1);
    pass(1);
    await gc.runIfDue(SIGNAL);
    expect(runs.map(({ trigger }) => trigger)).toEqual(['schedule', 'schedule']);
  });

  it('counts runs of other replicas and by hand, but no dry, partial or broken ones', async () => {
    const { gc, runs } = create();
    const other = create().gc;
    await run(other, { dryRun: true });
    await run(other, { repositories: new Set() });
    await leaveGarbage();
    const broken = { ...rig.storage.blobs, removeAll: () => Promise.reject(new Error('no')) };
    await run(create({ storage: { ...rig.storage, blobs: broken } }).gc);
    await gc.runIfDue(SIGNAL);
    expect(runs).toHaveLength(1);
    pass(DELAY_MS);
    await run(other);
    await gc.runIfDue(SIGNAL);
    expect(runs).toHaveLength(1);
  });

  it('collects nothing where storage is away, or finds that our clock is wrong', async () => {
    await leaveGarbage();
    const before = await storedDigests(rig);
    const away = new StorageError('busy', 'the clock of this machine is ahead');
    const { gc, runs } = create({ storage: { ...rig.storage, check: () => Promise.reject(away) } });
    expect(await run(gc)).toMatchObject({ error: away.message, tally: { deletedBlobs: 0 } });
    await expect(gc.runIfDue(SIGNAL)).rejects.toBe(away);
    expect(runs.map(({ trigger }) => trigger)).toEqual(['admin']);
    expect(await storedDigests(rig)).toEqual(before);
  });

  it.each([{ 'gc.enabled': false }, { 'gc.interval': 0 }])('asks for nothing with %j', async (config) => {
    const { gc, runs } = create({}, config);
    await gc.runIfDue(SIGNAL);
    expect(runs).toEqual([]);
    expect((await gc.status()).nextMs).toBeUndefined();
  });

  it('leaves it at that where another runs, and fails where its own run does', async () => {
    await leaveGarbage();
    const { blobs, asked, allow } = heldStorage();
    const going = run(create({ storage: { ...rig.storage, blobs } }).gc);
    await asked;
    await create().gc.runIfDue(SIGNAL);
    allow();
    await going;
    await leaveGarbage();
    const gone = new Error('the disk is gone');
    const broken = { ...rig.storage.blobs, removeAll: () => Promise.reject(gone) };
    const { gc, records } = create({ storage: { ...rig.storage, blobs: broken } });
    await expect(gc.runIfDue(SIGNAL)).rejects.toBe(gone);
    expect(records).toEqual([]); // the job tells
  });
});
