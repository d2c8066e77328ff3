import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { startUpload } from '../api/client.suite.ts';
import { eventually, useServer } from '../server/fixtures.suite.ts';
import { createSamples } from '../testing/images.ts';
import { createPusher } from '../testing/push.ts';
import { RawConnection } from './raw-client.suite.ts';

const LIMIT_MS = 200;
const limits = { 'server.read_timeout': '200ms', 'server.write_timeout': '200ms', 'server.idle_timeout': '200ms' };

/** Does something again and again for as long as three of the limits. */
async function forLonger(act: () => void): Promise<void> {
  const endMs = performance.now() + 3 * LIMIT_MS;
  while (performance.now() < endMs) {
    act();
    await new Promise(setImmediate);
  }
}

describe('a connection that stands still', () => {
  const server = useServer({ settings: limits });
  let connection: RawConnection;
  const open = async (): Promise<void> => void (connection = await RawConnection.open(server.port));
  afterEach(() => connection.close());

  /** The path of an upload, and after that the connection: while the upload begins, that would stand still. */
  async function openUpload(): Promise<string> {
    const path = await startUpload(server, 'a');
    await open();
    return path;
  }

  it('is ended before its first byte', async () => {
    await open();
    expect((await connection.ended()).toString()).toMatch(/^(?:|HTTP\/1\.1 408 .*)/s);
  });

  it('is ended within a head', async () => {
    await open();
    connection.write('GET /v2/ HTTP/1.1\r\nHost: a\r\nX-Slow: ');
    expect((await connection.ended()).toString()).toMatch(/^(?:|HTTP\/1\.1 408 .*)/s);
  });

  it('is ended within a head that comes a byte at a time', async () => {
    await open();
    connection.write('GET /v2/ HTTP/1.1\r\nHost: a\r\nX-Slow: ');
    let [over, atMs] = [false, 0];
    const ended = connection.ended().finally(() => (over = true));
    await eventually('it is ended', () => {
      if (performance.now() - atMs < LIMIT_MS / 10) return over;
      atMs = performance.now();
      connection.write('x');
      return over;
    });
    expect((await ended).toString()).toMatch(/^HTTP\/1\.1 408 .*"errors"/s);
  });

  it('is ended within a body, and what came of it is kept', async () => {
    const path = await openUpload();
    connection.head(`PATCH ${path} HTTP/1.1`, ['Content-Length: 10']);
    connection.write('hello');
    await connection.ended();
    await eventually('it is kept', async () => (await request(server.url).get(path)).headers['range'] === '0-4');
    expect((await request(server.url).patch(path).send(Buffer.from('world'))).status).toBe(202);
  });

  it('is ended where no further request comes', async () => {
    await open();
    connection.head('GET /v2/ HTTP/1.1');
    expect((await connection.answer()).status).toBe(200);
    expect(await connection.ended()).toHaveLength(0);
  });

  it('is not ended while a body moves, however slowly', async () => {
    const path = await openUpload();
    connection.head(`PATCH ${path} HTTP/1.1`, ['Transfer-Encoding: chunked']);
    await forLonger(() => connection.write('1\r\nx\r\n'));
    connection.write('0\r\n\r\n');
    expect((await connection.answer()).status).toBe(202);
  });

  it('is not ended while it is the server that takes its time', async () => {
    const path = await openUpload();
    const { uploads } = server.built.storage;
    const append = uploads.append.bind(uploads);
    jest.spyOn(uploads, 'append').mockImplementation(async (...args) => {
      const appended = await append(...args);
      await forLonger(() => undefined);
      return appended;
    });
    connection.head(`PATCH ${path} HTTP/1.1`, ['Content-Length: 5']);
    connection.write('hello');
    expect((await connection.answer()).status).toBe(202);
  });

  it('is not ended while the server takes its time with what came of a body', async () => {
    const path = await openUpload();
    const { uploads } = server.built.storage;
    const append = uploads.append.bind(uploads);
    const held = Promise.withResolvers<void>();
    async function* slowly(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of source) {
        await forLonger(() => undefined);
        held.resolve();
        yield chunk;
      }
    }
    jest
      .spyOn(uploads, 'append')
      .mockImplementation((id, from, source, options) => append(id, from, slowly(source), options));
    connection.head(`PATCH ${path} HTTP/1.1`, ['Content-Length: 10']);
    connection.write('hello');
    await held.promise;
    connection.write('world');
    expect((await connection.answer()).status).toBe(202);
  });
});

describe('a silence within a body', () => {
  // By this clock only as much time passes as it is told, whoever is waited for.
  let nowMs = 0;
  const server = useServer({ settings: limits, ticks: () => nowMs });
  let connection: RawConnection;

  beforeEach(async () => {
    nowMs = 0;
    const path = await startUpload(server, 'a');
    connection = await RawConnection.open(server.port);
    connection.head(`PATCH ${path} HTTP/1.1`, ['Content-Length: 10']);
    connection.write('hello');
    await forLonger(() => undefined);
  });
  afterEach(() => connection.close());

  it('does not end the connection where less than half of it was the client’s', async () => {
    nowMs = LIMIT_MS / 2 - 1;
    await forLonger(() => undefined);
    connection.write('world');
    expect((await connection.answer()).status).toBe(202);
  });

  it('ends it where half of it was', async () => {
    nowMs = LIMIT_MS / 2;
    expect(await connection.ended()).toHaveLength(0);
  });
});

describe('a connection on which nobody reads the answer', () => {
  const server = useServer({ settings: { 'server.write_timeout': '200ms', 'storage.type': 'filesystem' } });

  it('is ended', async () => {
    const blob = createSamples('unread').blob(30_000_000);
    await createPusher(server.url).blob('a', blob);
    const connection = await RawConnection.open(server.port);
    connection.head(`GET /v2/a/blobs/${blob.digest} HTTP/1.1`);
    await connection.begun();
    connection.pause();
    await eventually('it is ended', () =>
      server.logged.some(
        ({ fields }) => fields['method'] === 'GET' && fields['status'] === 200 && Number(fields['size']) < blob.size,
      ),
    );
    connection.resume();
    expect((await connection.ended()).length).toBeLessThan(blob.size);
    connection.close();
  });
});

describe('limits of 0', () => {
  const server = useServer({
    settings: { 'server.read_timeout': '0s', 'server.write_timeout': '0s', 'server.idle_timeout': '0s' },
  });

  it('are none: a request may wait', async () => {
    const connection = await RawConnection.open(server.port);
    await forLonger(() => undefined);
    connection.head('GET /v2/ HTTP/1.1');
    expect((await connection.answer()).status).toBe(200);
    connection.close();
  });
});
