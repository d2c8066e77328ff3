import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { digestOf } from '../../pkg/oci/index.ts';
import { RawConnection } from '../http/raw-client.suite.ts';
import { refusalOf } from '../http/refusal.suite.ts';
import { eventually, useServer } from '../server/fixtures.suite.ts';
import { finishUpload, getBytes, patchUpload, startUpload } from './client.suite.ts';

const HELLO = digestOf(Buffer.from('helloworld'));
const LARGE = Buffer.alloc(2_000_000, 'large ');

describe('a body that is not what its head says', () => {
  const server = useServer();
  let path: string;
  let connection: RawConnection;

  beforeEach(async () => {
    path = await startUpload(server, 'a');
    connection = await RawConnection.open(server.port);
  });
  afterEach(() => connection.close());

  const rangeOf = async () => (await request(server.url).get(path).expect(204)).headers['range'];
  const answered = (count: number) => () =>
    server.logged.filter(({ message }) => message === 'HTTP request').length >= count;
  const storedUploads = async (): Promise<number> => {
    let count = 0;
    for await (const { id } of server.built.storage.uploads.list()) count += id.length / 36;
    return count;
  };

  it.each([
    ['small', 'hellowo', '0-6'],
    ['large', LARGE, `0-${LARGE.length - 1}`],
  ])('keeps what came of a %s chunk that ends too soon, and goes on there', async (_size, came, range) => {
    connection.head(`PATCH ${path} HTTP/1.1`, [`Content-Length: ${came.length + 3}`]);
    connection.write(came);
    connection.end();
    await eventually('what came is kept', async () => (await rangeOf()) === range);
    const whole = Buffer.concat([Buffer.from(came), Buffer.from('rld')]);
    expect((await finishUpload(server, path, digestOf(whole), 'rld')).status).toBe(201);
  });

  it('stores nothing of a last chunk that ends too soon', async () => {
    connection.head(`PUT ${path}?digest=${HELLO} HTTP/1.1`, ['Content-Length: 10']);
    connection.write('hellowo');
    connection.end();
    await eventually('the server has noticed', answered(2));
    expect(await rangeOf()).toBe('0-0');
    await request(server.url).get(`/v2/a/blobs/${HELLO}`).expect(404);
    await eventually(
      'the upload is free again',
      async () => (await finishUpload(server, path, HELLO, 'helloworld')).status === 201,
    );
  });

  it('stores nothing of a whole blob that ends too soon', async () => {
    await request(server.url).delete(path).expect(204);
    connection.head(`POST /v2/a/blobs/uploads/?digest=${HELLO} HTTP/1.1`, ['Content-Length: 10']);
    connection.write('hellowo');
    connection.reset();
    await eventually('the server has noticed', answered(3));
    await eventually('its bytes are gone', async () => (await storedUploads()) === 0);
    expect((await request(server.url).get(`/v2/a/blobs/${HELLO}`)).status).toBe(404);
  });

  it('takes as much as was announced, and what comes after is no request', async () => {
    connection.head(`PATCH ${path} HTTP/1.1`, ['Content-Length: 5']);
    connection.write('hello');
    expect((await connection.answer()).headers['range']).toBe('0-4');
    connection.write('world');
    expect(refusalOf(await connection.answer())).toBe('400 UNSUPPORTED');
    await connection.ended();
    expect(await rangeOf()).toBe('0-4');
  });

  it('takes no more than was announced, though more comes at once', async () => {
    connection.head(`PATCH ${path} HTTP/1.1`, ['Content-Length: 5']);
    connection.write('helloworld');
    await connection.answer();
    await connection.ended();
    await eventually('the chunk is kept', async () => (await rangeOf()) === '0-4');
    expect((await finishUpload(server, path, HELLO, 'world')).status).toBe(201);
  });

  it('moves nothing for a chunked body that disagrees with its range', async () => {
    for (const [range, sent] of [
      ['0-9', '5\r\nhello\r\n0\r\n\r\n'],
      ['0-2', '5\r\nhello\r\n0\r\n\r\n'],
    ] as const) {
      connection.head(`PATCH ${path} HTTP/1.1`, ['Transfer-Encoding: chunked', `Content-Range: ${range}`]);
      connection.write(sent);
      expect(refusalOf(await connection.answer())).toBe('400 SIZE_INVALID');
      expect(await rangeOf()).toBe('0-0');
    }
  });

  it('takes chunked bodies of every upload request', async () => {
    connection.head(`PATCH ${path} HTTP/1.1`, ['Transfer-Encoding: chunked']);
    connection.write('2\r\nhe\r\n3;ext=1\r\nllo\r\n0\r\nTrailer: x\r\n\r\n');
    expect((await connection.answer()).headers['range']).toBe('0-4');
    connection.head(`PUT ${path}?digest=${HELLO} HTTP/1.1`, ['Transfer-Encoding: chunked']);
    connection.write('5\r\nworld\r\n0\r\n\r\n');
    expect((await connection.answer()).status).toBe(201);
    connection.head(`POST /v2/b/blobs/uploads/?digest=${HELLO} HTTP/1.1`, ['Transfer-Encoding: chunked']);
    connection.write('a\r\nhelloworld\r\n0\r\n\r\n');
    expect((await connection.answer()).status).toBe(201);
    for (const name of ['a', 'b']) {
      const got = await getBytes(server, `/v2/${name}/blobs/${HELLO}`).expect(200);
      expect((got.body as Buffer).toString()).toBe('helloworld');
    }
  });

  it('keeps what came before a chunk that cannot be read', async () => {
    connection.head(`PATCH ${path} HTTP/1.1`, ['Transfer-Encoding: chunked']);
    connection.write('5\r\nhello\r\nthis is no length\r\n');
    expect(refusalOf(await connection.answer())).toMatch(/^400 /);
    await eventually('what came is kept', async () => (await rangeOf()) === '0-4');
    expect((await finishUpload(server, path, HELLO, 'world')).status).toBe(201);
  });

  it('gives its claim back at once when its client is gone', async () => {
    connection.head(`PATCH ${path} HTTP/1.1`, ['Content-Length: 10']);
    connection.write('hello');
    connection.reset();
    await eventually('what came is kept', async () => (await rangeOf()) === '0-4');
    expect((await patchUpload(server, path, 'world', '5-9')).status).toBe(202);
  });

  it('says what it refuses before the rest of it has come', async () => {
    connection.head(`PATCH ${path} HTTP/1.1`, ['Content-Length: 1000000', 'Content-Range: 0-4']);
    connection.write('hello');
    expect(refusalOf(await connection.answer())).toBe('400 SIZE_INVALID');
    expect(await rangeOf()).toBe('0-0');
  });
});
