import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { shareServer } from '../server/fixtures.suite.ts';
import { createSamples } from '../testing/images.ts';
import { createPusher } from '../testing/push.ts';
import { askRaw, RawConnection } from './raw-client.suite.ts';
import { detailsOf, refusalOf } from './refusal.suite.ts';

const MALFORMED: readonly (readonly [what: string, text: string])[] = [
  ['is no HTTP at all', 'hello\r\n\r\n'],
  ['is of another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['has an unknown method', 'BREW /v2/ HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['has an unknown version', 'GET /v2/ HTTP/9.9\r\nHost: a\r\n\r\n'],
  ['has a byte beyond ASCII in its path', 'GET /v2/a\u00e9/tags/list HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['has a NUL in its path', 'GET /v2/a\0/tags/list HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['has a space in its path', 'GET /v2/a b/tags/list HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['has a space before a colon', 'GET /v2/ HTTP/1.1\r\nHost : a\r\n\r\n'],
  ['has a folded header', 'GET /v2/ HTTP/1.1\r\nHost: a\r\nX: a\r\n  b\r\n\r\n'],
  ['has a NUL in a header', 'GET /v2/ HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n'],
  ['has two lengths', 'PATCH /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'],
  ['has a list of lengths', 'PATCH /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx'],
  ['has a negative length', 'PATCH /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n'],
  ['has a length in hex', 'PATCH /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nhello'],
  ['has a length beyond 2^64', 'PATCH /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n'],
  [
    'has a length and chunks',
    'PATCH /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  [
    'has chunks and a length',
    'PATCH /v2/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n',
  ],
  ['is chunked, but not last', 'PATCH /v2/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n'],
];

describe('what cannot be read as a request', () => {
  const server = shareServer();
  let connection: RawConnection;
  beforeEach(async () => {
    connection = await RawConnection.open(server.port);
  });
  afterEach(() => connection.close());

  it.each(MALFORMED)('is answered with 400 in JSON, and the connection ends, where it %s', async (_what, text) => {
    connection.write(Buffer.from(text, 'latin1'));
    const refused = await connection.answer();
    expect(refusalOf(refused)).toBe('400 UNSUPPORTED');
    expect(detailsOf(refused)).toEqual([undefined]);
    expect(refused.headers['connection']).toBe('close');
    expect(await connection.ended()).toHaveLength(0);
  });

  it.each([
    ['a long path', () => `GET /v2/${'a'.repeat(40_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
    ['a long header', () => `GET /v2/ HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`],
    ['100,000 headers', () => `GET /v2/ HTTP/1.1\r\nHost: a\r\n${'X: a\r\n'.repeat(100_000)}\r\n`],
    ['eight megabytes of a header', () => `GET /v2/ HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(8_000_000)}\r\n\r\n`],
  ])('is answered with 431 in JSON where it has %s', async (_what, text) => {
    connection.write(text());
    expect(refusalOf(await connection.answer())).toBe('431 UNSUPPORTED');
    await connection.ended();
  });

  it('does not hold on to the connection of one who says nothing more', async () => {
    connection.write('this is no request\r\n\r\n');
    await connection.answer();
    await connection.gone();
    expect(await connection.ended()).toHaveLength(0);
  });

  it('is not a request to switch to another protocol: that is answered as if it were not there', async () => {
    const asked = await askRaw(server.port, 'GET /v2/ HTTP/1.1', [
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA',
    ]);
    expect(asked.status).toBe(200);
  });

  it('lacks a host where HTTP asks for one', async () => {
    connection.write('GET /v2/ HTTP/1.1\r\n\r\n');
    const refused = await connection.answer();
    expect(refusalOf(refused)).toBe('400 UNSUPPORTED');
    expect(detailsOf(refused)).toEqual(['the request names no host']);
    connection.write('GET /v2/ HTTP/1.0\r\n\r\n');
    expect((await connection.answer()).status).toBe(200);
  });

  it('is not an expectation that nobody knows: it is ignored', async () => {
    expect((await askRaw(server.port, 'GET /v2/ HTTP/1.1', ['Expect: the-unexpected'])).status).toBe(200);
  });

  it('is not CONNECT, which is refused like any method that nobody knows', async () => {
    expect(refusalOf(await askRaw(server.port, 'CONNECT example.com:443 HTTP/1.1'))).toBe('405 UNSUPPORTED');
  });
});

describe('what cannot be read as a request, after one that can', () => {
  const server = shareServer({ settings: { 'storage.type': 'filesystem' } });

  it('never comes between the bytes of the answer to that one', async () => {
    const blob = createSamples('between').blob(30_000_000);
    await createPusher(server.url).blob('a', blob);
    const connection = await RawConnection.open(server.port);
    connection.head(`GET /v2/a/blobs/${blob.digest} HTTP/1.1`);
    await connection.begun();
    connection.pause();
    connection.write('this is no request\r\n\r\n');
    connection.resume();
    const received = await connection.ended();
    connection.close();
    expect(received.includes('HTTP/1.1 200')).toBe(true);
    expect(received.includes('UNSUPPORTED')).toBe(false);
  });
});
