import { beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { askRaw } from '../http/raw-client.suite.ts';
import { shareServer } from '../server/fixtures.suite.ts';
import { createSamples, toSample } from '../testing/images.ts';
import { createPusher } from '../testing/push.ts';
import { getBytes } from './client.suite.ts';

const samples = createSamples('conditional');
const IMAGE = samples.image();
const SMALL = toSample('helloworld');
const LARGE = samples.blob(1_500_000);

describe.each([
  ['in memory', 'memory'],
  ['in a folder', 'filesystem'],
])('content %s', (_where, type) => {
  const server = shareServer({ settings: { 'storage.type': type } });
  beforeAll(async () => {
    const push = createPusher(server.url);
    await push.image('a', IMAGE, 'latest');
    await push.blob('a', SMALL);
    await push.blob('a', LARGE);
  });

  it.each([
    ['a manifest by tag', 'manifests/latest', IMAGE.manifest.digest],
    ['a manifest by digest', `manifests/${IMAGE.manifest.digest}`, IMAGE.manifest.digest],
    ['a small blob', `blobs/${SMALL.digest}`, SMALL.digest],
    ['a large blob', `blobs/${LARGE.digest}`, LARGE.digest],
  ])('is not sent again where the client has it: %s', async (_what, path, digest) => {
    const full = await getBytes(server, `/v2/a/${path}`).expect(200);
    expect(full.headers['etag']).toBe(`"${digest}"`);
    for (const method of ['GET', 'HEAD']) {
      for (const held of [`"${digest}"`, `W/"${digest}"`, `"other", "${digest}"`, '*']) {
        const answer = await askRaw(server.port, `${method} /v2/a/${path} HTTP/1.1`, [`If-None-Match: ${held}`]);
        expect([method, held, answer.status, answer.body.length]).toEqual([method, held, 304, 0]);
        expect(answer.headers['etag']).toBe(`"${digest}"`);
      }
      for (const held of ['"other"', digest, '', '"', `"${digest}`]) {
        const answer = await askRaw(server.port, `${method} /v2/a/${path} HTTP/1.1`, [`If-None-Match: ${held}`]);
        expect([method, held, answer.status]).toEqual([method, held, 200]);
      }
    }
  });

  it('is not said to be unchanged where it is not there', async () => {
    const answer = await request(server.url).get('/v2/a/manifests/none').set('If-None-Match', '*');
    expect(answer.status).toBe(404);
  });

  it.each([
    ['a small blob', SMALL],
    ['a large blob', LARGE],
  ])('comes in ranges: %s', async (_what, { bytes, digest, size }) => {
    const last = size - 1;
    for (const [range, start, end] of [
      ['bytes=0-0', 0, 0],
      ['bytes=2-4', 2, 4],
      ['bytes=3-', 3, last],
      ['bytes=-4', size - 4, last],
      [`bytes=0-${size + 100}`, 0, last],
      [`bytes=-${size + 100}`, 0, last],
      [`bytes=${last}-`, last, last],
      [`bytes=${size >> 1}-${(size >> 1) + 3}`, size >> 1, (size >> 1) + 3],
    ] as const) {
      const part = await getBytes(server, `/v2/a/blobs/${digest}`).set('Range', range).expect(206);
      expect(part.headers['content-range']).toBe(`bytes ${start}-${end}/${size}`);
      expect(part.headers['content-length']).toBe(String(end - start + 1));
      expect(part.headers['docker-content-digest']).toBe(digest);
      expect((part.body as Buffer).equals(bytes.subarray(start, end + 1))).toBe(true);
    }
    for (const range of [`bytes=${size}-`, 'bytes=9007199254740990-', 'bytes=-0', 'bytes=4-2']) {
      const outside = await request(server.url).get(`/v2/a/blobs/${digest}`).set('Range', range);
      expect([range, outside.status, outside.headers['content-range']]).toEqual([range, 416, `bytes */${size}`]);
    }
    for (const range of ['bytes=0-1,3-4', 'bytes=', 'lines=1-2', 'bytes=a-b', '0-4', `bytes=0-${'9'.repeat(30)}`]) {
      const whole = await getBytes(server, `/v2/a/blobs/${digest}`).set('Range', range).expect(200);
      expect((whole.body as Buffer).equals(bytes)).toBe(true);
    }
  });

  it('comes as a range only of what the client has the rest of', async () => {
    const ask = (held: string) =>
      request(server.url).get(`/v2/a/blobs/${SMALL.digest}`).set('Range', 'bytes=2-4').set('If-Range', held);
    expect((await ask(`"${SMALL.digest}"`)).status).toBe(206);
    expect((await ask('"other"')).status).toBe(200);
    expect((await ask('Wed, 21 Oct 2015 07:28:00 GMT')).status).toBe(200);
  });

  it('comes whole to HEAD, whatever range is asked for', async () => {
    const answer = await askRaw(server.port, `HEAD /v2/a/blobs/${SMALL.digest} HTTP/1.1`, ['Range: bytes=2-4']);
    expect([answer.status, answer.headers['content-length']]).toEqual([200, '10']);
  });

  it('goes to many at once, each byte in its place', async () => {
    const all = await Promise.all(Array.from({ length: 12 }, () => getBytes(server, `/v2/a/blobs/${LARGE.digest}`)));
    for (const { body } of all) expect((body as Buffer).equals(LARGE.bytes)).toBe(true);
  });
});
