import { describe, expect, it } from '@jest/globals';
import { createSamples } from '../testing/images.ts';
import {
  bodyOf,
  BY,
  byDigest,
  NO_BODY,
  pullBlob,
  pushBlob,
  pushImage,
  repository,
  storedKeys,
  useRig,
} from './fixtures.suite.ts';

const samples = createSamples('quotas');
const IMAGE = samples.image();
const BYTES = [IMAGE.manifest, ...IMAGE.blobs].reduce((sum, { size }) => sum + size, 0);
const NAME = repository('team/app');

describe('a quota', () => {
  const rig = useRig({
    config: { 'quota.team.repositories': ['team/**'], 'quota.team.limit': BYTES + 100, 'quota.idle.limit': undefined },
  });
  const start = () => rig.registry.uploads.start(BY, NAME, { algorithm: 'sha256' });
  const refused = { code: 'QUOTA_EXCEEDED' };

  it('lets in what fits, and no more, in all repositories of the pattern together', async () => {
    await pushImage(rig, 'team/app', IMAGE, 'v1');
    const large = samples.blob(200);
    await expect(pushBlob(rig, 'team/other', large)).rejects.toMatchObject(refused);
    await expect(pushImage(rig, 'team/other', IMAGE)).rejects.toMatchObject(refused);
    await pushBlob(rig, 'elsewhere', large);
    expect(await pullBlob(rig, 'team/app', IMAGE.blobs[0]!.digest)).toEqual(IMAGE.blobs[0]!.bytes);
  });

  it('counts what is uploaded and has no manifest yet', async () => {
    const blobs = [samples.blob(BYTES), samples.blob(200)];
    await pushBlob(rig, 'team/app', blobs[0]!);
    await expect(pushBlob(rig, 'team/other', blobs[1]!)).rejects.toMatchObject(refused);
    rig.clock.nowMs += 25 * 60 * 60 * 1000;
    await pushBlob(rig, 'team/other', blobs[1]!);
  });

  it('counts what is under way, however many bring it at once', async () => {
    const blobs = Array.from({ length: 6 }, () => samples.blob(BYTES / 2));
    const put = (index: number) => pushBlob(rig, `team/app${index}`, blobs[index]!);
    const done = await Promise.allSettled([...blobs.keys()].map(put));
    const kept = done.filter(({ status }) => status === 'fulfilled').length;
    expect([kept, done.filter(({ status }) => status === 'rejected')]).toEqual([
      2,
      Array.from({ length: 4 }, () => ({ status: 'rejected', reason: expect.objectContaining(refused) })),
    ]);
  });

  it('counts what is under way though nobody says how long it is, and no longer when it is given up', async () => {
    const [first, second] = [await start(), await start()].map((each) =>
      each.kind === 'started' ? each.id : undefined,
    );
    const { uploads } = rig.registry;
    let isAtEnd = (): void => undefined;
    const reached = new Promise<void>((resolve) => (isAtEnd = resolve));
    let breakOff = (): void => undefined;
    async function* stream(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(BYTES);
      isAtEnd();
      await new Promise<void>((resolve) => (breakOff = resolve));
      throw new Error('the client went away');
    }
    const whole = bodyOf(Buffer.alloc(BYTES));
    const slow = uploads.finish(BY, NAME, first!, samples.blob(BYTES).digest, { stream: stream() });
    slow.catch(() => undefined);
    await reached;
    await expect(uploads.append(BY, NAME, second!, whole)).rejects.toMatchObject(refused);
    breakOff();
    await expect(slow).rejects.toMatchObject({ code: 'BLOB_UPLOAD_INVALID' });
    expect((await uploads.append(BY, NAME, second!, bodyOf(Buffer.alloc(BYTES)))).kind).toBe('accepted');
  });

  it('breaks off a body that does not say how long it is', async () => {
    const started = await start();
    const id = started.kind === 'started' ? started.id : undefined;
    const { uploads } = rig.registry;
    await expect(uploads.append(BY, NAME, id!, bodyOf(Buffer.alloc(BYTES + 101)))).rejects.toMatchObject(refused);
    await uploads.cancel(BY, NAME, id!);
    expect(await storedKeys(rig, 'uploads')).toEqual([]);
  });

  it('refuses to begin where nothing is left, and never a delete', async () => {
    await pushImage(rig, 'team/app', IMAGE, 'v1');
    await pushBlob(rig, 'team/app', samples.blob(100));
    await expect(start()).rejects.toMatchObject(refused);
    await rig.registry.manifests.delete(BY, NAME, byDigest(IMAGE.manifest.digest));
    expect((await start()).kind).toBe('started');
  });

  it('lets a session finish whose bytes are counted already', async () => {
    const blob = samples.blob(BYTES + 100);
    const started = await start();
    const id = started.kind === 'started' ? started.id : undefined;
    const { uploads } = rig.registry;
    await uploads.append(BY, NAME, id!, bodyOf(blob.bytes));
    const empty = { ...NO_BODY, expectedBytes: 0 };
    expect((await uploads.finish(BY, NAME, id!, blob.digest, empty)).kind).toBe('finished');
  });
});
