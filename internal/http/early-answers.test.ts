import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { digestOf } from '../../pkg/oci/index.ts';
import { startUpload } from '../api/client.suite.ts';
import { useServer } from '../server/fixtures.suite.ts';
import { askRaw, RawConnection } from './raw-client.suite.ts';
import { refusalOf } from './refusal.suite.ts';

const HELLO = digestOf(Buffer.from('helloworld'));
const UNKNOWN = '/v2/a/blobs/uploads/00000000-0000-4000-8000-000000000000';
const writeAll = (socket: Socket, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.write(bytes, (failure) => (failure ? reject(failure) : resolve()));
  });
const MEBIBYTE = Buffer.alloc(1024 * 1024, 'x');

describe('an answer that comes before the body has', () => {
  const server = useServer();
  let connection: RawConnection;
  beforeEach(async () => {
    connection = await RawConnection.open(server.port);
  });
  afterEach(() => {
    connection.close();
    jest.useRealTimers();
  });

  it('reaches a client that sends on, and the connection goes on after its body', async () => {
    connection.head(`PATCH ${UNKNOWN} HTTP/1.1`, [`Content-Length: ${8 * MEBIBYTE.length}`]);
    connection.write(MEBIBYTE);
    expect(refusalOf(await connection.answer())).toBe('404 BLOB_UPLOAD_UNKNOWN');
    for (let count = 1; count < 8; count += 1) connection.write(MEBIBYTE);
    connection.head('GET /v2/ HTTP/1.1');
    expect((await connection.answer()).status).toBe(200);
  });

  it('reaches a client that sends too much, and the connection ends', async () => {
    connection.head(`PATCH ${UNKNOWN} HTTP/1.1`, [`Content-Length: ${2 ** 40}`]);
    for (let count = 0; count < 20; count += 1) connection.write(MEBIBYTE);
    expect(refusalOf(await connection.answer())).toBe('404 BLOB_UPLOAD_UNKNOWN');
    for (let count = 0; count < 20; count += 1) connection.write(MEBIBYTE);
    expect(await connection.ended()).toHaveLength(0);
  });

  it.each([
    ['HTTP/1.0', []],
    ['HTTP/1.1', ['Connection: close']],
  ])('reaches a client that will close, and reads only when it has sent all (%s)', async (version, more) => {
    const head = [`PATCH ${UNKNOWN} ${version}`, 'Host: localhost', `Content-Length: ${8 * MEBIBYTE.length}`, ...more];
    const socket = connect({ port: server.port, host: '127.0.0.1' }).pause();
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    for (let count = 0; count < 8; count += 1) await writeAll(socket, MEBIBYTE);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 404 [^]*BLOB_UPLOAD_UNKNOWN/);
  });

  it('reaches a client that sends no more, and the connection ends in five seconds', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] });
    connection.head(`PATCH ${UNKNOWN} HTTP/1.1`, ['Content-Length: 100']);
    connection.write('only this');
    expect(refusalOf(await connection.answer())).toBe('404 BLOB_UPLOAD_UNKNOWN');
    jest.advanceTimersByTime(5000);
    expect(await connection.ended()).toHaveLength(0);
  });

  it('leaves nothing behind that would end a connection that went on', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] });
    connection.head(`PATCH ${UNKNOWN} HTTP/1.1`, ['Content-Length: 10']);
    connection.write('hello');
    expect((await connection.answer()).status).toBe(404);
    connection.write('world');
    connection.head('GET /v2/ HTTP/1.1');
    expect((await connection.answer()).status).toBe(200);
    jest.advanceTimersByTime(20_000);
    connection.head('GET /v2/ HTTP/1.1');
    expect((await connection.answer()).status).toBe(200);
  });
});

describe('a client that asks before it sends its body', () => {
  const server = useServer();
  let connection: RawConnection;
  beforeEach(async () => {
    connection = await RawConnection.open(server.port);
  });
  afterEach(() => connection.close());

  it.each([
    ['PATCH', UNKNOWN, '404 BLOB_UPLOAD_UNKNOWN'],
    ['PUT', `${UNKNOWN}?digest=${HELLO}`, '404 BLOB_UPLOAD_UNKNOWN'],
    ['PUT', UNKNOWN, '400 DIGEST_INVALID'],
    ['PUT', '/v2/a/manifests/.bad', '400 MANIFEST_INVALID'],
    ['POST', '/v2/A/blobs/uploads/', '400 NAME_INVALID'],
    ['POST', '/v2/', '405 UNSUPPORTED'],
    ['PUT', '/v2/a/manifests/too-large', '413 MANIFEST_INVALID'],
  ])('is refused without a byte of it: %s %s', async (method, path, refusal) => {
    connection.head(`${method} ${path} HTTP/1.1`, ['Expect: 100-continue', 'Content-Length: 10000000']);
    const refused = await connection.answer();
    expect(refusalOf(refused)).toBe(refusal);
    expect(refused.headers['connection']).toBe('close');
    expect(await connection.ended()).toHaveLength(0);
  });

  it('is refused where a page of another site sent it', async () => {
    connection.head('POST /v2/a/blobs/uploads/ HTTP/1.1', [
      'Expect: 100-continue',
      'Content-Length: 5',
      'Origin: https://evil.example',
    ]);
    expect(refusalOf(await connection.answer())).toBe('403 DENIED');
  });

  it.each(['Content-Length: 10', 'Transfer-Encoding: chunked'])(
    'is told to go on where the body is wanted (%s)',
    async (length) => {
      const path = await startUpload(server, 'a');
      connection.head(`PATCH ${path} HTTP/1.1`, ['Expect: 100-continue', length]);
      expect((await connection.answer()).status).toBe(100);
      connection.write(length.startsWith('T') ? 'a\r\nhelloworld\r\n0\r\n\r\n' : 'helloworld');
      const answer = await connection.answer();
      expect([answer.status, answer.headers['range']]).toEqual([202, '0-9']);
      connection.head(`PUT ${path}?digest=${HELLO} HTTP/1.1`, ['Content-Length: 0']);
      expect((await connection.answer()).status).toBe(201);
    },
  );

  it('is told to go on for a whole blob and for a manifest', async () => {
    connection.head(`POST /v2/a/blobs/uploads/?digest=${HELLO} HTTP/1.1`, [
      'Expect: 100-continue',
      'Content-Length: 10',
    ]);
    expect((await connection.answer()).status).toBe(100);
    connection.write('helloworld');
    expect((await connection.answer()).status).toBe(201);
    connection.head('PUT /v2/a/manifests/x HTTP/1.1', [
      'Expect: 100-continue',
      'Content-Length: 2',
      'Content-Type: application/vnd.x+json',
    ]);
    expect((await connection.answer()).status).toBe(100);
    connection.write('{}');
    expect((await connection.answer()).status).toBe(201);
  });

  it('is not made to wait where its request has no body', async () => {
    expect((await askRaw(server.port, 'GET /v2/ HTTP/1.1', ['Expect: 100-continue'])).status).toBe(200);
    const post = ['Expect: 100-continue', 'Content-Length: 0'];
    expect((await askRaw(server.port, 'POST /v2/a/blobs/uploads/ HTTP/1.1', post)).status).toBe(202);
  });
});
