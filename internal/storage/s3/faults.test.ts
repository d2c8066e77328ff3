import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf, parseRepositoryName, parseTag, type UploadId } from '../../../pkg/oci/index.ts';
import { FAULTS, STRANGERS, startFaultProxy, type Fault, type FaultProxy } from '../../testing/s3/fault-proxy.ts';
import { createBlobStore } from '../blobs.ts';
import { bodyOf, bytesOf, endClean, failureIn, newUploadId, readOnce } from '../fixtures.suite.ts';
import { HashStates } from '../hash-states.ts';
import { HashThreads } from '../hashing.ts';
import { blobKey, recordKey } from '../layout.ts';
import { createManifestStore } from '../manifests.ts';
import { SlotPool } from '../slots.ts';
import type { Storage } from '../types.ts';
import { createUploadManager } from '../uploads.ts';
import { TIMEOUTS } from './client.ts';
import { openTestedS3, type TestedS3 } from './fixtures.suite.ts';

const LARGE = bytesOf(300_000);
const OTHER = bytesOf(270_000, 'other'); // not so small that it is written only when it is published
const FIRST_BYTES = 280_000;
const SLOT_BYTES = 150_000;
const MANIFEST = Buffer.from('{"schemaVersion":2}');
const REPOSITORY = parseRepositoryName('team/app');
const TAG = parseTag('V1');
const BLOBS = [LARGE, OTHER, MANIFEST];
const KEYS = [...BLOBS.map((bytes) => blobKey(digestOf(bytes))), recordKey(REPOSITORY, TAG)];

type Stores = Pick<Storage, 'blobs' | 'manifests' | 'uploads'>;
type Scenario = (stores: Stores) => Promise<void>;

/** An upload in two requests, one that goes straight to its place, a manifest and its record. */
async function push(stores: Stores): Promise<void> {
  const { uploads, blobs, manifests } = stores;
  const id = newUploadId();
  const first = LARGE.subarray(0, FIRST_BYTES);
  const { position: half } = await uploads.append(id, { offsetBytes: 0 }, bodyOf(first), {
    algorithm: 'sha256',
    sync: true,
  });
  const rest = { algorithm: 'sha256', sync: false } as const;
  const { position } = await uploads.append(id, half, bodyOf(LARGE.subarray(FIRST_BYTES)), rest);
  expect(await uploads.digest(id, { ...position, digest: digestOf(LARGE) }, 'sha512')).toBe(digestOf(LARGE, 'sha512'));
  await uploads.publish(id, position, digestOf(LARGE));
  await uploads.discard(id, position.state);
  await pushWhole(stores, newUploadId());
  await blobs.put(digestOf(MANIFEST), MANIFEST);
  const sizes = { sizeBytes: MANIFEST.length, timeMs: 0, sequence: 1 };
  const record = { repository: REPOSITORY, name: TAG, digest: digestOf(MANIFEST), mediaType: 'a/b', ...sizes };
  await manifests.put(record);
  expect(await manifests.get(REPOSITORY, TAG)).toEqual(record);
}

async function pushWhole({ uploads }: Stores, id: UploadId): Promise<void> {
  const { position } = await uploads.append(id, { offsetBytes: 0 }, bodyOf(OTHER), {
    algorithm: 'sha256',
    sync: false,
    expectedBytes: OTHER.length,
    destination: digestOf(OTHER),
  });
  await uploads.publish(id, position, digestOf(OTHER));
  await uploads.discard(id);
}

async function pull({ blobs, manifests }: Stores): Promise<void> {
  expect(await manifests.get(REPOSITORY, TAG)).toMatchObject({ digest: digestOf(MANIFEST) });
  expect(await blobs.stat(digestOf(LARGE))).toEqual({ sizeBytes: LARGE.length });
  for (const bytes of BLOBS) expect((await readOnce(blobs.open(digestOf(bytes))))?.equals(bytes)).toBe(true);
  const range = { start: 1000, end: LARGE.length - 2 };
  const part = await readOnce(blobs.open(digestOf(LARGE)), range);
  expect(part?.equals(LARGE.subarray(range.start, range.end + 1))).toBe(true);
}

async function remove({ blobs, manifests }: Stores): Promise<void> {
  await manifests.remove(REPOSITORY, TAG);
  for (const bytes of BLOBS) await blobs.remove(digestOf(bytes));
  for (const bytes of BLOBS) expect(await blobs.stat(digestOf(bytes))).toBeUndefined();
}

/** A run has some forty calls for each fault; each is a push or two. */
const TIMEOUT_MS = 120_000;

describe('a bucket whose k-th call goes wrong', () => {
  let tested: TestedS3;
  let proxy: FaultProxy;
  let stores: Stores;
  const threads = new HashThreads(1);

  beforeEach(async () => {
    // So short that a test need not wait long for an answer that never comes.
    tested = await openTestedS3({ timeouts: { ...TIMEOUTS, callMs: 250, copyMs: 250, stallMs: 250 } });
    proxy = await startFaultProxy(tested.server.endpoint);
    const driver = await tested.openAgain({ 'storage.s3.endpoint': proxy.endpoint });
    stores = {
      blobs: createBlobStore(driver.objects),
      manifests: createManifestStore(driver.objects),
      uploads: createUploadManager({
        driver,
        threads,
        slots: new SlotPool(2, () => Buffer.from(new SharedArrayBuffer(SLOT_BYTES))),
        states: new HashStates(1),
        clock: () => 0,
      }),
    };
  });
  afterEach(async () => {
    await proxy.close();
    await endClean(tested);
  });
  afterAll(() => threads.close());

  /** What the sweep of uploads does once a day. */
  async function sweep(): Promise<void> {
    for await (const { id } of stores.uploads.list()) await stores.uploads.discard(id);
    await stores.uploads.sweep(Number.MAX_SAFE_INTEGER);
    expect(tested.server.store.uploads.size).toBe(0);
  }

  const wholeOrAbsent = (): void => {
    for (const bytes of BLOBS) {
      const found = tested.server.store.objects.get(blobKey(digestOf(bytes)))?.bytes;
      expect(found === undefined || found.equals(bytes)).toBe(true);
    }
  };

  /** Runs with a fault at the k-th call, or from there on, for every k that there is. What each run threw. */
  async function atEachCall(fault: Fault, onward: boolean, run: Scenario, before: Scenario): Promise<unknown[]> {
    const thrown: unknown[] = [];
    for (let k = 1, reached = true; reached; k += 1) {
      proxy.inject(() => undefined);
      await before(stores);
      proxy.inject((call) => (call === k || (onward && call > k) ? fault : undefined));
      thrown.push(await failureIn(run(stores)));
      reached = proxy.calls.length >= k;
      proxy.inject(() => undefined);
      wholeOrAbsent();
      if (thrown.at(-1) !== undefined) await run(stores);
      await sweep();
    }
    return thrown;
  }

  const clear: Scenario = async () => tested.server.store.objects.clear();
  const expectWhole = (): void => expect([...tested.server.store.objects.keys()].toSorted()).toEqual(KEYS.toSorted());

  it.each([...FAULTS, ...STRANGERS])(
    'with "%s" once, takes a push all the same, and leaves nothing that the sweep does not find',
    async (fault) => {
      const thrown = await atEachCall(fault, false, push, clear);
      expect(thrown.length).toBeGreaterThan(25);
      expect(thrown.filter((each) => each !== undefined)).toEqual([]);
      expectWhole();
    },
    TIMEOUT_MS,
  );

  it.each([...FAULTS, ...STRANGERS])(
    'with "%s" once, gives everything back',
    async (fault) => {
      await push(stores);
      const thrown = await atEachCall(fault, false, pull, async () => undefined);
      expect(thrown.length).toBeGreaterThan(5);
      expect(thrown.filter((each) => each !== undefined)).toEqual([]);
      expectWhole();
    },
    TIMEOUT_MS,
  );

  it.each(FAULTS)(
    'with "%s" once, removes everything',
    async (fault) => {
      await push(stores);
      const pushed = [...tested.server.store.objects];
      const restore: Scenario = async () => {
        for (const [name, { bytes }] of pushed) tested.server.store.put(name, bytes);
      };
      const thrown = await atEachCall(fault, false, remove, restore);
      expect(thrown.length).toBeGreaterThan(5);
      expect(thrown.filter((each) => each !== undefined)).toEqual([]);
      expect([...tested.server.store.objects.keys()]).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it.each([
    ['slow down', 'throttled'],
    ['answer lost', 'busy'],
    ['gateway page', 'busy'],
    ['login page', 'busy'],
  ] as const)(
    'with "%s" from there on, fails a push as %s, and takes it the next time',
    async (fault, failure) => {
      const thrown = await atEachCall(fault, true, push, clear);
      expect(thrown.pop()).toBeUndefined(); // there were no more calls
      expect(thrown.length).toBeGreaterThan(25);
      const told = { name: 'StorageError', failure };
      expect(thrown).toEqual(thrown.map(() => expect.objectContaining(told)));
      expectWhole();
    },
    TIMEOUT_MS,
  );

  it(
    'with "reset" from there on, fails a pull as busy, and never gives too little',
    async () => {
      await push(stores);
      const thrown = await atEachCall('reset', true, pull, async () => undefined);
      expect(thrown.pop()).toBeUndefined();
      const busy = { name: 'StorageError', failure: 'busy' };
      expect(thrown).toEqual(thrown.map(() => expect.objectContaining(busy)));
    },
    TIMEOUT_MS,
  );

  it('with "cut body" from there on, fails a pull as busy, and never gives too little', async () => {
    await push(stores);
    proxy.inject(() => 'cut body');
    await expect(readOnce(stores.blobs.open(digestOf(MANIFEST)))).rejects.toMatchObject({ failure: 'busy' });
  });
});
