import { readdir, rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf, parseRepositoryName, parseTag } from '../../../pkg/oci/index.ts';
import { bodyOf, bytesOf, endClean, failureIn, newUploadId, readOnce } from '../fixtures.suite.ts';
import { createBlobStore } from '../blobs.ts';
import { HashStates } from '../hash-states.ts';
import { HashThreads } from '../hashing.ts';
import { createManifestStore } from '../manifests.ts';
import { SlotPool } from '../slots.ts';
import { createUploadManager } from '../uploads.ts';
import { blobKey, recordKey } from '../layout.ts';
import type { Storage } from '../types.ts';
import { failureOf, newFolder, openTestedFolder, type TestedFolder } from './fixtures.suite.ts';

const LARGE = bytesOf(420_000);
const FIRST_BYTES = 400_000;
const SLOT_BYTES = 150_000;
const DIGEST = digestOf(LARGE);
const MANIFEST = Buffer.from('{"schemaVersion":2}');
const REPOSITORY = parseRepositoryName('team/app');
const TAG = parseTag('V1');
const ID = newUploadId();

type Stores = Pick<Storage, 'blobs' | 'manifests' | 'uploads'>;

/** All that a push asks of storage, with what it finds there at the end. */
async function push({ uploads, blobs, manifests }: Stores): Promise<void> {
  const first = LARGE.subarray(0, FIRST_BYTES);
  const started = await uploads.append(ID, { offsetBytes: 0 }, bodyOf(first), { algorithm: 'sha256', sync: true });
  const rest = { algorithm: 'sha256', sync: false } as const;
  const { position } = await uploads.append(ID, started.position, bodyOf(LARGE.subarray(FIRST_BYTES)), rest);
  expect(await uploads.digest(ID, position, 'sha256')).toBe(DIGEST);
  await uploads.publish(ID, position, DIGEST);
  await uploads.discard(ID);
  await blobs.put(digestOf(MANIFEST), MANIFEST);
  const sizes = { sizeBytes: MANIFEST.length, timeMs: 0, sequence: 1 };
  const record = { repository: REPOSITORY, name: TAG, digest: digestOf(MANIFEST), mediaType: 'a/b', ...sizes };
  await manifests.put(record);
  expect(await manifests.get(REPOSITORY, TAG)).toEqual(record);
}

/** What the uploads sweep does once a day. */
async function sweep({ uploads }: Stores): Promise<void> {
  for await (const { id } of uploads.list()) await uploads.discard(id);
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1))
    .toSorted();
}

/** A push has about a hundred file calls, and each is a push or two: a few seconds, more on a busy machine. */
const TIMEOUT_MS = 60_000;

describe('a push whose k-th file call fails', () => {
  let path: string;
  let tested: TestedFolder;
  let storage: Stores;
  const threads = new HashThreads(1);
  const open = async (): Promise<void> => {
    tested = await openTestedFolder(path);
    const { driver } = tested;
    const slots = new SlotPool(2, () => Buffer.from(new SharedArrayBuffer(SLOT_BYTES)));
    const states = new HashStates(1);
    storage = {
      blobs: createBlobStore(driver.objects),
      manifests: createManifestStore(driver.objects),
      uploads: createUploadManager({ driver, threads, slots, states, clock: () => 0 }),
    };
  };
  /** Makes the k-th call fail, and all after it where the process is to die there. False where there were not so many. */
  const failingAt = (k: number, code: string, dies: boolean): (() => boolean) => {
    let calls = 0;
    tested.system.before = () => {
      calls += 1;
      if (calls === k || (dies && calls > k)) throw failureOf(code);
    };
    return () => calls >= k;
  };
  const wholeOrAbsent = async (answered = false): Promise<void> => {
    const found = await readOnce(storage.blobs.open(DIGEST));
    expect(found ? found.equals(LARGE) : !answered).toBe(true);
    const manifest = await readOnce(storage.blobs.open(digestOf(MANIFEST)));
    expect(manifest === undefined || manifest.equals(MANIFEST)).toBe(true);
  };
  const pushedAgain = async (): Promise<void> => {
    await push(storage);
    expect((await readOnce(storage.blobs.open(DIGEST)))?.equals(LARGE)).toBe(true);
    await sweep(storage);
    const expected = [blobKey(DIGEST), blobKey(digestOf(MANIFEST)), recordKey(REPOSITORY, TAG)];
    expect(await filesIn(path)).toEqual(expected.toSorted());
  };

  beforeEach(async () => {
    path = await newFolder();
  });
  afterEach(async () => {
    await rm(path, { recursive: true, force: true });
  });

  afterAll(() => threads.close());

  it.each([
    ['EIO', 'broken'],
    ['ENOSPC', 'full'],
    ['EMFILE', 'busy'],
  ])(
    'with %s succeeds, or ends in a clean error and succeeds the next time',
    async (code, failure) => {
      let reached = true;
      const failures: unknown[] = [];
      for (let k = 1; reached; k += 1) {
        await open();
        const wasReached = failingAt(k, code, false);
        const thrown = await failureIn(push(storage));
        tested.system.before = () => undefined;
        reached = wasReached();
        if (thrown !== undefined) failures.push(thrown);
        await wholeOrAbsent();
        await pushedAgain();
        await endClean(tested);
        await rm(path, { recursive: true });
      }
      expect(failures.length).toBeGreaterThan(30);
      const clean = { name: 'StorageError', failure, cause: expect.objectContaining({ code }) };
      expect(failures).toEqual(failures.map(() => expect.objectContaining(clean)));
    },
    TIMEOUT_MS,
  );

  it(
    'since the process died there leaves nothing half-written, and nothing that the sweep does not find',
    async () => {
      let reached = true;
      let k = 0;
      while (reached) {
        k += 1;
        await open();
        const wasReached = failingAt(k, 'EIO', true);
        const answered = (await failureIn(push(storage))) === undefined;
        reached = wasReached();
        await tested.end(); // a process that died has closed nothing itself
        await open();
        await wholeOrAbsent(answered);
        await pushedAgain();
        await endClean(tested);
        await rm(path, { recursive: true });
      }
      expect(k).toBeGreaterThan(50);
    },
    TIMEOUT_MS,
  );
});
