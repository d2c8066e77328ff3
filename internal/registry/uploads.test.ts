import { beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf, type UploadId } from '../../pkg/oci/index.ts';
import {
  BY,
  bodyOf,
  Feed,
  newUploadId,
  NO_BODY,
  pullBlob,
  repository,
  storedKeys,
  streamOf,
  useRig,
} from './fixtures.suite.ts';

const NAME = 'team/app';
const REPOSITORY = repository(NAME);
const HELLO = digestOf(Buffer.from('helloworld'));
const EMPTY = digestOf(Buffer.alloc(0));
const BLOCK = 512 * 1024; // more than is gathered before it is written
const SECOND = 1000;

describe('an upload', () => {
  const rig = useRig();
  let id: UploadId;

  const append = (body: Parameters<typeof rig.registry.uploads.append>[3]) =>
    rig.registry.uploads.append(BY, REPOSITORY, id, body);
  const finish = (digest = HELLO, body = NO_BODY) => rig.registry.uploads.finish(BY, REPOSITORY, id, digest, body);
  const status = () => rig.registry.uploads.status(BY, REPOSITORY, id);

  beforeEach(async () => {
    const started = await rig.registry.uploads.start(BY, REPOSITORY, { algorithm: 'sha256' });
    if (started.kind !== 'started') throw new Error(started.kind);
    id = started.id;
  });

  it('is the concatenation of its chunks, with and without ranges', async () => {
    await append(bodyOf('hel', { range: { start: 0, end: 2 } }));
    await append(bodyOf('lo'));
    await append(bodyOf('', { expectedBytes: 0 }));
    expect(await append(bodyOf('wor', { range: { start: 5, end: 7 } }))).toEqual({ kind: 'accepted', offsetBytes: 8 });
    expect(await finish(HELLO, bodyOf('ld'))).toEqual({ kind: 'finished', digest: HELLO });
    expect((await pullBlob(rig, NAME, HELLO)).toString()).toBe('helloworld');
  });

  it('may be nothing at all', async () => {
    expect(await finish(EMPTY)).toEqual({ kind: 'finished', digest: EMPTY });
    expect(await pullBlob(rig, NAME, EMPTY)).toHaveLength(0);
  });

  it('may end in another algorithm than it began with', async () => {
    const sha512 = digestOf(Buffer.from('helloworld'), 'sha512');
    await append(bodyOf('hello'));
    expect(await finish(sha512, bodyOf('world'))).toEqual({ kind: 'finished', digest: sha512 });
    expect((await pullBlob(rig, NAME, sha512)).toString()).toBe('helloworld');
  });

  it.each([
    ['a gap', { start: 6, end: 10 }],
    ['an overlap', { start: 4, end: 8 }],
    ['a start over', { start: 0, end: 4 }],
    ['a start beyond everything', { start: Number.MAX_SAFE_INTEGER - 4, end: Number.MAX_SAFE_INTEGER }],
  ])('does not move for %s', async (_case, range) => {
    await append(bodyOf('hello'));
    expect(await append(bodyOf('xxxxx', { range }))).toEqual({ kind: 'refused', offsetBytes: 5 });
    expect(await finish(HELLO, bodyOf('xxxxx', { range }))).toEqual({ kind: 'refused', offsetBytes: 5 });
    expect(await status()).toBe(5);
    await append(bodyOf('world', { range: { start: 5, end: 9 } }));
    expect(await finish()).toEqual({ kind: 'finished', digest: HELLO });
  });

  it.each([
    ['the length announced', { range: { start: 0, end: 8 }, expectedBytes: 10 }],
    ['the bytes that came, too few', { range: { start: 0, end: 10 } }],
    ['the bytes that came, too many', { range: { start: 0, end: 8 } }],
  ])('does not move for a range that disagrees with %s', async (_case, said) => {
    const refused = append(bodyOf('helloworld', said));
    await expect(refused).rejects.toMatchObject({ code: 'SIZE_INVALID' });
    expect(await status()).toBe(0);
    await expect(finish(HELLO, bodyOf('helloworld', said))).rejects.toMatchObject({ code: 'SIZE_INVALID' });
    expect(await status()).toBe(0);
    expect(await finish(HELLO, bodyOf('helloworld'))).toEqual({ kind: 'finished', digest: HELLO });
  });

  it('keeps what came before a chunk broke off, and goes on there', async () => {
    await append(bodyOf('hel'));
    const feed = new Feed();
    const broken = append({ stream: feed, expectedBytes: 7 });
    await feed.send('lowo');
    feed.breakOff(new Error('connection reset'));
    await expect(broken).rejects.toMatchObject({ code: 'BLOB_UPLOAD_INVALID' });
    expect(await status()).toBe(7);
    await append(bodyOf('rld', { range: { start: 7, end: 9 } }));
    expect(await finish()).toEqual({ kind: 'finished', digest: HELLO });
  });

  it('stands where it stood when its last request breaks off', async () => {
    await append(bodyOf('hello'));
    const feed = new Feed();
    const broken = finish(HELLO, { stream: feed });
    await feed.send('wor');
    feed.breakOff(new Error('connection reset'));
    await expect(broken).rejects.toMatchObject({ code: 'BLOB_UPLOAD_INVALID' });
    expect(await status()).toBe(5);
    expect(await finish(HELLO, bodyOf('world'))).toEqual({ kind: 'finished', digest: HELLO });
  });

  it('takes one of two chunks at one offset', async () => {
    const feed = new Feed();
    const first = append({ stream: feed });
    await feed.send('hello');
    expect(await append(bodyOf('world', { range: { start: 0, end: 4 } }))).toEqual({ kind: 'refused', offsetBytes: 0 });
    feed.end();
    expect(await first).toEqual({ kind: 'accepted', offsetBytes: 5 });
  });

  it('goes to the next request after half a minute of silence, and the silent one moves nothing', async () => {
    const feed = new Feed();
    const silent = append({ stream: feed, expectedBytes: 2 * BLOCK });
    silent.catch(() => undefined);
    await feed.send(Buffer.alloc(BLOCK, 'x'));
    rig.clock.nowMs += 31 * SECOND;
    expect(await append(bodyOf('hello', { range: { start: 0, end: 4 } }))).toEqual({
      kind: 'accepted',
      offsetBytes: 5,
    });
    feed.end();
    await expect(silent).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await status()).toBe(5);
    expect(await finish(HELLO, bodyOf('world'))).toEqual({ kind: 'finished', digest: HELLO });
  });

  it('ends with a wrong digest, and nothing of it stays', async () => {
    await append(bodyOf('hello'));
    await expect(finish(HELLO, bodyOf('there'))).rejects.toMatchObject({
      code: 'DIGEST_INVALID',
      detail: [`the content is ${digestOf(Buffer.from('hellothere'))}`],
    });
    await expect(status()).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' });
    expect(await storedKeys(rig, 'uploads')).toEqual([]);
  });

  describe('that begins and ends with a small body', () => {
    const whole = (text = 'helloworld') => bodyOf(text, { expectedBytes: text.length });

    it('is over with it, and is the blob', async () => {
      expect(await finish(HELLO, whole())).toEqual({ kind: 'finished', digest: HELLO });
      await expect(status()).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' });
      expect(await storedKeys(rig, 'uploads')).toEqual([]);
      expect(await pullBlob(rig, REPOSITORY, HELLO)).toEqual(Buffer.from('helloworld'));
    });

    it('leaves nothing of a request before it that brought nothing', async () => {
      await append(NO_BODY);
      expect(await finish(HELLO, whole())).toEqual({ kind: 'finished', digest: HELLO });
      expect(await storedKeys(rig, 'uploads')).toEqual([]);
    });

    it('ends with a wrong digest', async () => {
      await expect(finish(HELLO, whole('hellothere'))).rejects.toMatchObject({ code: 'DIGEST_INVALID' });
      await expect(status()).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' });
    });

    it('stands where it stood when that breaks off', async () => {
      const feed = new Feed();
      const broken = finish(HELLO, { stream: feed, expectedBytes: 10 });
      await feed.send('hello');
      feed.breakOff(new Error('connection reset'));
      await expect(broken).rejects.toMatchObject({ code: 'BLOB_UPLOAD_INVALID' });
      expect(await status()).toBe(0);
      expect(await finish(HELLO, whole())).toEqual({ kind: 'finished', digest: HELLO });
    });

    it('is of whoever took it meanwhile, who goes on', async () => {
      const feed = new Feed();
      const late = finish(HELLO, { stream: feed, expectedBytes: 10 });
      await feed.send('hello');
      expect(await append(bodyOf('hello'))).toEqual({ kind: 'accepted', offsetBytes: 5 });
      await feed.send('world');
      feed.end();
      expect(await late).toEqual({ kind: 'refused', offsetBytes: 5 });
      expect(await finish(HELLO, bodyOf('world'))).toEqual({ kind: 'finished', digest: HELLO });
    });

    it('ends once, whoever else ends it in the same way', async () => {
      const both = await Promise.allSettled([finish(HELLO, whole()), finish(HELLO, whole())]);
      expect(both.filter(({ status: how }) => how === 'fulfilled')).toHaveLength(1);
      expect(both.find(({ status: how }) => how === 'rejected')).toMatchObject({
        reason: { code: 'BLOB_UPLOAD_UNKNOWN' },
      });
    });
  });

  it('takes nothing any more when it was cancelled', async () => {
    await append(bodyOf('hello'));
    await rig.registry.uploads.cancel(BY, REPOSITORY, id);
    const gone = { code: 'BLOB_UPLOAD_UNKNOWN' };
    await expect(append(bodyOf('world'))).rejects.toMatchObject(gone);
    await expect(finish(HELLO, bodyOf('world'))).rejects.toMatchObject(gone);
    await expect(status()).rejects.toMatchObject(gone);
    await expect(rig.registry.uploads.cancel(BY, REPOSITORY, id)).rejects.toMatchObject(gone);
  });

  it('belongs to one repository and one principal', async () => {
    const other = repository('team/other');
    const mallory = { ...BY, principal: 'mallory' };
    const unknown = { code: 'BLOB_UPLOAD_UNKNOWN', detail: [id] };
    const { uploads } = rig.registry;
    for (const [by, where] of [
      [BY, other],
      [mallory, REPOSITORY],
    ] as const) {
      await expect(uploads.append(by, where, id, bodyOf('x'))).rejects.toMatchObject(unknown);
      await expect(uploads.finish(by, where, id, HELLO, bodyOf('helloworld'))).rejects.toMatchObject(unknown);
      await expect(uploads.status(by, where, id)).rejects.toMatchObject(unknown);
      await expect(uploads.cancel(by, where, id)).rejects.toMatchObject(unknown);
    }
    expect(await status()).toBe(0);
  });

  it('is unknown where nobody began it', async () => {
    id = newUploadId();
    await expect(append(bodyOf('x'))).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' });
  });
});

describe('a blob in one request', () => {
  const rig = useRig();
  const put = (digest: typeof HELLO, body: Parameters<typeof rig.registry.uploads.putWhole>[3]) =>
    rig.registry.uploads.putWhole(BY, REPOSITORY, digest, body);
  const leftovers = (): Promise<readonly string[]> => storedKeys(rig, 'uploads');

  it('may come twice, and by two at once', async () => {
    await Promise.all([put(HELLO, bodyOf('helloworld')), put(HELLO, bodyOf('helloworld'))]);
    await put(HELLO, bodyOf('helloworld'));
    expect((await pullBlob(rig, NAME, HELLO)).toString()).toBe('helloworld');
    expect(await leftovers()).toEqual([]);
  });

  it.each([
    ['another digest', bodyOf('hellothere'), 'DIGEST_INVALID'],
    [
      'a range of another length',
      bodyOf('helloworld', { expectedBytes: 10, range: { start: 0, end: 3 } }),
      'SIZE_INVALID',
    ],
    ['a body that breaks off', { stream: brokenOff() }, 'BLOB_UPLOAD_INVALID'],
  ])('leaves nothing with %s', async (_case, body, code) => {
    await expect(put(HELLO, body)).rejects.toMatchObject({ code });
    expect(await leftovers()).toEqual([]);
    expect(await rig.storage.blobs.stat(HELLO)).toBeUndefined();
    await expect(rig.registry.blobs.stat(REPOSITORY, HELLO)).rejects.toMatchObject({ code: 'BLOB_UNKNOWN' });
  });
});

async function* brokenOff(): AsyncGenerator<Uint8Array> {
  yield* streamOf('hellowo');
  throw new Error('connection reset');
}
