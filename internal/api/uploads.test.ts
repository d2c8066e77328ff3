import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { digestOf } from '../../pkg/oci/index.ts';
import { detailsOf, refusalOf } from '../http/refusal.suite.ts';
import { useServer } from '../server/fixtures.suite.ts';
import { finishUpload, getBytes, patchUpload, postBlob, startUpload } from './client.suite.ts';

const HELLO = digestOf(Buffer.from('helloworld'));
const EMPTY = digestOf(Buffer.alloc(0));

describe('an upload', () => {
  const server = useServer();
  const get = (path: string) => request(server.url).get(path);
  const contentOf = async (digest: string): Promise<string> =>
    ((await getBytes(server, `/v2/a/b/blobs/${digest}`).expect(200)).body as Buffer).toString();
  const rangeOf = async (path: string) => (await get(path).expect(204)).headers['range'];

  it('goes as the worked exchange of the contract', async () => {
    const path = await startUpload(server, 'a/b');
    expect(path).toMatch(/^\/v2\/a\/b\/blobs\/uploads\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const id = path.slice(-36);
    const said = (range: string) => ({ location: path, range, 'docker-upload-uuid': id });
    expect((await patchUpload(server, path, 'hello', '0-4').expect(202)).headers).toMatchObject(said('0-4'));
    expect((await patchUpload(server, path, 'wor').expect(202)).headers).toMatchObject(said('0-7'));
    const refused = await patchUpload(server, path, 'xxxxx', '0-4').expect(416);
    expect(refused.headers).toMatchObject(said('0-7'));
    expect(refused.text).toBe('');
    const put = await finishUpload(server, path, HELLO, 'ld').expect(201);
    expect(put.headers).toMatchObject({ location: `/v2/a/b/blobs/${HELLO}`, 'docker-content-digest': HELLO });
    const part = await getBytes(server, `/v2/a/b/blobs/${HELLO}`).set('Range', 'bytes=5-9').expect(206);
    expect((part.body as Buffer).toString()).toBe('world');
    expect(part.headers['content-range']).toBe('bytes 5-9/10');
  });

  it.each(['bytes=5-9', 'bytes 5-9/10', '5-9/*'])('takes a range that is written %s', async (range) => {
    const path = await startUpload(server, 'a/b');
    await patchUpload(server, path, 'hello', '0-4').expect(202);
    await patchUpload(server, path, 'world', range).expect(202);
    await finishUpload(server, path, HELLO).expect(201);
    expect(await contentOf(HELLO)).toBe('helloworld');
  });

  it.each([
    '6-10',
    '4-8',
    '0-4',
    '0--1',
    '-1-4',
    '9-5',
    'a-b',
    '5',
    '5-9, 10-14',
    'lines 5-9',
    '5-9007199254740993',
    '9007199254740992-9007199254740996',
    '5-99999999999999999999',
    '0x5-0x9',
    '5-9 x',
  ])('is 416 and does not move for the range %j', async (range) => {
    const path = await startUpload(server, 'a/b');
    await patchUpload(server, path, 'hello').expect(202);
    for (const answer of [
      await patchUpload(server, path, 'world', range),
      await finishUpload(server, path, HELLO, 'world', range),
    ]) {
      expect(answer.status).toBe(416);
      expect(answer.headers).toMatchObject({ location: path, range: '0-4' });
      expect(answer.text).toBe('');
    }
    expect(await rangeOf(path)).toBe('0-4');
    await finishUpload(server, path, HELLO, 'world', '5-9').expect(201);
    expect(await contentOf(HELLO)).toBe('helloworld');
  });

  it.each(['0-3', '0-5', '0-9007199254740991'])('does not move for five bytes that are called %s', async (range) => {
    const path = await startUpload(server, 'a/b');
    expect(refusalOf(await patchUpload(server, path, 'hello', range))).toBe('400 SIZE_INVALID');
    expect(refusalOf(await finishUpload(server, path, HELLO, 'hello', range))).toBe('400 SIZE_INVALID');
    expect(await rangeOf(path)).toBe('0-0');
    await patchUpload(server, path, 'hello', '0-4').expect(202);
    expect(await rangeOf(path)).toBe('0-4');
  });

  it('lets exactly one of two chunks at one offset in', async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      const path = await startUpload(server, 'a/b');
      const chunk = Buffer.alloc(300_000, turn);
      const statuses = await Promise.all(
        [0, 1].map(async () => (await patchUpload(server, path, chunk, `0-${chunk.length - 1}`)).status),
      );
      expect(new Set(statuses)).toEqual(new Set([202, 416]));
      expect(await rangeOf(path)).toBe(`0-${chunk.length - 1}`);
      await finishUpload(server, path, digestOf(chunk)).expect(201);
    }
  });

  it('is unknown in another repository, whatever is asked, and goes on in its own', async () => {
    const path = await startUpload(server, 'a/b');
    await patchUpload(server, path, 'hello').expect(202);
    for (const name of ['a', 'a/b/c', 'other']) {
      const elsewhere = path.replace('/a/b/', `/${name}/`);
      for (const answer of [
        await get(elsewhere),
        await patchUpload(server, elsewhere, 'world', '5-9'),
        await patchUpload(server, elsewhere, 'world', '0--1'),
        await finishUpload(server, elsewhere, HELLO, 'world'),
        await request(server.url).delete(elsewhere),
      ]) {
        expect(refusalOf(answer)).toBe('404 BLOB_UPLOAD_UNKNOWN');
      }
    }
    await finishUpload(server, path, HELLO, 'world').expect(201);
  });

  it.each(['cancelled', 'finished', 'refused for its digest'])('takes nothing more once it is %s', async (how) => {
    const path = await startUpload(server, 'a/b');
    await patchUpload(server, path, 'helloworld').expect(202);
    if (how === 'cancelled') await request(server.url).delete(path).expect(204);
    else if (how === 'finished') await finishUpload(server, path, HELLO).expect(201);
    else await finishUpload(server, path, EMPTY).expect(400);
    for (const answer of [
      await get(path),
      await patchUpload(server, path, '!'),
      await finishUpload(server, path, HELLO),
      await request(server.url).delete(path),
    ]) {
      expect(refusalOf(answer)).toBe('404 BLOB_UPLOAD_UNKNOWN');
    }
    for await (const left of server.built.storage.uploads.list()) throw new Error(`${left.id} is left`);
  });

  it('is asked for its digest at the end, and goes on when there was none', async () => {
    const path = await startUpload(server, 'a/b');
    const refused = await request(server.url).put(path).send(Buffer.from('helloworld'));
    expect(refusalOf(refused)).toBe('400 DIGEST_INVALID');
    expect(detailsOf(refused)).toEqual(['digest parameter required']);
    await finishUpload(server, path, HELLO, 'helloworld').expect(201);
  });

  it('makes the empty blob, in one request and in two', async () => {
    await postBlob(server, 'a/b', EMPTY, '').expect(201);
    await finishUpload(server, await startUpload(server, 'a/b'), EMPTY).expect(201);
    const head = await request(server.url).head(`/v2/a/b/blobs/${EMPTY}`).expect(200);
    expect(head.headers['content-length']).toBe('0');
    expect(await contentOf(EMPTY)).toBe('');
    const part = await get(`/v2/a/b/blobs/${EMPTY}`).set('Range', 'bytes=0-0').expect(416);
    expect(part.headers['content-range']).toBe('bytes */0');
  });

  it('is hashed with the algorithm of its digest', async () => {
    const sha512 = digestOf(Buffer.from('helloworld'), 'sha512');
    await postBlob(server, 'a/b', sha512, 'helloworld').expect(201);
    const path = (await request(server.url).post('/v2/a/b/blobs/uploads/?digest-algorithm=sha512').expect(202)).headers[
      'location'
    ] as string;
    await patchUpload(server, path, 'helloworld').expect(202);
    await finishUpload(server, path, sha512).expect(201);
    expect(await contentOf(sha512)).toBe('helloworld');
    await get(`/v2/a/b/blobs/${HELLO}`).expect(404);
    const unknown = await request(server.url).post('/v2/a/b/blobs/uploads/?digest-algorithm=md5');
    expect(refusalOf(unknown)).toBe('400 DIGEST_INVALID');
  });

  it('succeeds twice for the same content', async () => {
    await postBlob(server, 'a/b', HELLO, 'helloworld').expect(201);
    await postBlob(server, 'a/b', HELLO, 'helloworld').expect(201);
    await finishUpload(server, await startUpload(server, 'a/b'), HELLO, 'helloworld').expect(201);
    expect(await contentOf(HELLO)).toBe('helloworld');
  });

  it('refuses a whole blob whose Content-Range cannot be meant', async () => {
    for (const range of ['0-3', 'x']) {
      const answer = await postBlob(server, 'a/b', HELLO, 'helloworld').set('Content-Range', range);
      expect([range, refusalOf(answer)]).toEqual([range, '400 SIZE_INVALID']);
    }
    await get(`/v2/a/b/blobs/${HELLO}`).expect(404);
  });
});
