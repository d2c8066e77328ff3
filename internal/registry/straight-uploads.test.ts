import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { digestOf, type UploadId } from '../../pkg/oci/index.ts';
import { assembleStorage, StorageError } from '../storage/index.ts';
import { blobKey, uploadKey } from '../storage/layout.ts';
import { bytesOf, endClean } from '../storage/fixtures.suite.ts';
import { openTestedS3, SMALL_LIMITS, type TestedS3 } from '../storage/s3/fixtures.suite.ts';
import { BY, bodyOf, newUploadId, openRig, pullBlob, repository, type Rig } from './fixtures.suite.ts';

const REPOSITORY = repository('team/app');
/** More than one part. */
const BYTES = bytesOf(SMALL_LIMITS.partBytes * 3 + 1000);
const DIGEST = digestOf(BYTES);
const OTHER = digestOf(Buffer.from('something else'));
const KEY = `blobs/sha256/${DIGEST.slice(7, 9)}/${DIGEST.slice(9, 11)}/${DIGEST.slice(7)}`;
const COPIES = ['CopyObject', 'UploadPartCopy'];

async function* brokenBody(): AsyncGenerator<Uint8Array> {
  yield BYTES.subarray(0, BYTES.length - 1);
  throw new Error('the client is gone');
}

describe('a blob that comes in one request, on S3', () => {
  let tested: TestedS3;
  let rig: Rig;

  beforeEach(async () => {
    tested = await openTestedS3();
    rig = await openRig({ wrapDriver: () => tested.driver });
  });
  afterEach(async () => {
    await rig.close();
    await endClean(tested);
  });

  const stored = (): string[] => [...tested.server.store.objects.keys()];
  const begun = (): number => tested.server.store.uploads.size;
  async function start(): Promise<UploadId> {
    const started = await rig.registry.uploads.start(BY, REPOSITORY, { algorithm: 'sha256' });
    if (started.kind !== 'started') throw new Error(started.kind);
    return started.id;
  }

  type Body = ReturnType<typeof bodyOf>;
  const WAYS: Record<string, (digest: typeof DIGEST, body: Body) => Promise<unknown>> = {
    'a POST': (digest, body) => rig.registry.uploads.putWhole(BY, REPOSITORY, digest, body),
    'a PUT to a fresh session': async (digest, body) =>
      rig.registry.uploads.finish(BY, REPOSITORY, await start(), digest, body),
  };
  const ways = Object.keys(WAYS);
  const push = (way: string, digest: typeof DIGEST, body: Body): Promise<unknown> => WAYS[way]!(digest, body);
  const whole = (): Body => bodyOf(BYTES, { expectedBytes: BYTES.length });

  it.each(ways)('goes straight to its place, copied nowhere: by %s', async (way) => {
    await push(way, DIGEST, whole());
    expect(tested.server.calls.filter((call) => COPIES.includes(call))).toEqual([]);
    expect(tested.server.calls).toContain('CompleteMultipartUpload');
    expect(stored()).toEqual([KEY]);
    expect((await pullBlob(rig, 'team/app', DIGEST)).equals(BYTES)).toBe(true);
  });

  it.each(ways)('leaves nothing at all where its digest is wrong: by %s', async (way) => {
    await expect(push(way, OTHER, whole())).rejects.toMatchObject({ code: 'DIGEST_INVALID' });
    expect(tested.server.calls).toContain('UploadPart');
    expect(tested.server.calls).not.toContain('CompleteMultipartUpload');
    expect([stored(), begun()]).toEqual([[], 0]);
    await expect(rig.registry.blobs.stat(REPOSITORY, OTHER)).rejects.toMatchObject({ code: 'BLOB_UNKNOWN' });
  });

  it.each(ways)('leaves nothing at all where it breaks off: by %s', async (way) => {
    const broken = { stream: brokenBody(), expectedBytes: BYTES.length };
    await expect(push(way, DIGEST, broken)).rejects.toMatchObject({ code: 'BLOB_UPLOAD_INVALID' });
    expect([stored(), begun()]).toEqual([[], 0]);
  });

  it('can be sent again to the session where it broke off', async () => {
    const id = await start();
    const broken = { stream: brokenBody(), expectedBytes: BYTES.length };
    await expect(rig.registry.uploads.finish(BY, REPOSITORY, id, DIGEST, broken)).rejects.toMatchObject({
      code: 'BLOB_UPLOAD_INVALID',
    });
    expect(await rig.registry.uploads.finish(BY, REPOSITORY, id, DIGEST, whole())).toMatchObject({ kind: 'finished' });
    expect(stored()).toEqual([KEY]);
  });

  it('leaves parts, where its process died, that are swept a day after the last of them, and no others', async () => {
    const hour = 60 * 60 * 1000;
    const dead = assembleStorage(await tested.openAgain(), { clock: () => 0 });
    const options = { algorithm: 'sha256', sync: false, destination: DIGEST, expectedBytes: BYTES.length } as const;
    await dead.uploads.append(newUploadId(), { offsetBytes: 0 }, whole().stream, options);
    const { name, id } = tested.server.store.begin(`elsewhere/${KEY}`);
    rig.clock.nowMs = Date.now() + 23 * hour;
    expect(await rig.registry.chores.sweepUploads()).toEqual({ expired: 0, orphans: 0 });
    expect(begun()).toBe(2);
    rig.clock.nowMs += 2 * hour;
    expect(await rig.registry.chores.sweepUploads()).toEqual({ expired: 0, orphans: 1 });
    expect([...tested.server.store.uploads.keys()]).toEqual([id]);
    tested.server.store.abort(name, id);
    await dead.close();
  });

  it('leaves nothing that is swept by a server whose clock is off: what is young looks old to it', async () => {
    const growing = await tested.driver.staging.grow(uploadKey(newUploadId()), 0, undefined, {
      key: blobKey(DIGEST),
      sizeBytes: BYTES.length,
    });
    for (let at = 0; at < BYTES.length; at += 100_000) await growing.write(BYTES.subarray(at, at + 100_000));
    const state = await growing.finish({ sync: false });
    const id = await start();
    await rig.registry.uploads.append(BY, REPOSITORY, id, bodyOf('hello'));
    const check = jest.spyOn(rig.storage, 'check').mockRejectedValue(new StorageError('busy', 'the clock is ahead'));
    rig.clock.nowMs = Date.now() + 48 * 60 * 60 * 1000;
    await expect(rig.registry.chores.sweepUploads()).rejects.toThrow('the clock is ahead');
    check.mockRestore();
    expect(begun()).toBe(1);
    expect(await rig.registry.uploads.status(BY, REPOSITORY, id)).toBe(5);
    await tested.driver.staging.discard(uploadKey(newUploadId()), state);
  });

  it('is staged and copied where it follows a chunk', async () => {
    const id = await start();
    await rig.registry.uploads.append(BY, REPOSITORY, id, bodyOf(BYTES.subarray(0, 200_000)));
    const rest = bodyOf(BYTES.subarray(200_000), { expectedBytes: BYTES.length - 200_000 });
    await rig.registry.uploads.finish(BY, REPOSITORY, id, DIGEST, rest);
    expect(tested.server.calls.filter((call) => COPIES.includes(call))).not.toEqual([]);
    expect(stored()).toEqual([KEY]);
  });
});
