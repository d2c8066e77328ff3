import { describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { startUpload } from '../api/client.suite.ts';
import { StorageError } from '../storage/index.ts';
import { eventually, useServer, type Logged, type TestServer } from '../server/fixtures.suite.ts';
import { createSamples } from '../testing/images.ts';
import { createPusher } from '../testing/push.ts';
import { RawConnection } from './raw-client.suite.ts';

const BLOB = createSamples('observer').blob(1_500_000);

/** Begins a download that ends after its first piece: by a failure of ours, or when the client has gone. */
async function cutDownload(server: TestServer, by: 'us' | 'the client'): Promise<void> {
  await createPusher(server.url).blob('a', BLOB);
  const gone = Promise.withResolvers<void>();
  jest.spyOn(server.built.storage.blobs, 'open').mockResolvedValue({
    sizeBytes: BLOB.size,
    async *read() {
      yield BLOB.bytes.subarray(0, 700_000);
      if (by === 'us') throw new StorageError('broken', 'EIO');
      await gone.promise;
      for (;;) yield BLOB.bytes.subarray(0, 1);
    },
    close: async () => undefined,
  });
  const connection = await RawConnection.open(server.port);
  connection.head(`GET /v2/a/blobs/${BLOB.digest} HTTP/1.1`);
  await connection.begun();
  if (by === 'us') await connection.ended();
  connection.reset();
  gone.resolve();
}

/** The record of the last request that was logged, once `count` of them are. */
async function lastOf(server: TestServer, count: number): Promise<Logged> {
  const records = (): readonly Logged[] => server.logged.filter(({ message }) => message === 'HTTP request');
  await eventually('the request is logged', () => records().length >= count);
  return records().at(-1)!;
}

describe('the record of a request', () => {
  const server = useServer();

  it('has every field of the contract, and those of the product', async () => {
    await request(server.url).get('/v2/?a=1&b=%20').set('User-Agent', 'curl/8.5.0').expect(200);
    const { level, fields } = await lastOf(server, 1);
    expect(level).toBe('info');
    expect(fields).toEqual({
      method: 'GET',
      path: '/v2/',
      query: 'a=1&b=%20',
      status: 200,
      size: '{"message":"OCI Registry API v2"}'.length,
      duration_ms: expect.any(Number),
      remote_addr: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      user_agent: 'curl/8.5.0',
      request_id: expect.any(String),
      route: '/v2/',
      principal: 'anonymous',
    });
  });

  it('has another id each time', async () => {
    const ids = new Set<unknown>();
    for (let count = 1; count <= 20; count += 1) {
      await request(server.url).get('/v2/');
      ids.add((await lastOf(server, count)).fields['request_id']);
    }
    expect(ids.size).toBe(20);
  });

  it('says in a few words what a client did wrong', async () => {
    await request(server.url).get('/v2/nobody/tags/list').expect(404);
    const { level, fields } = await lastOf(server, 1);
    expect([level, fields['status'], fields['error']]).toEqual(['info', 404, 'NAME_UNKNOWN nobody']);
  });

  it('carries neither the URL of an upload nor what looks like a credential', async () => {
    const path = await startUpload(server, 'a');
    await request(server.url).patch(`${path}?token=secret&x=1`).send(Buffer.from('x')).expect(202);
    const { fields } = await lastOf(server, 2);
    expect(fields).toMatchObject({ path: '/v2/a/blobs/uploads/REDACTED', query: 'token=REDACTED&x=1' });
    expect(JSON.stringify(server.logged)).not.toContain(path.slice(-36));
  });

  it('does not name an upload that is not there: in another repository it may be', async () => {
    const path = await startUpload(server, 'a');
    await request(server.url).get(path.replace('/a/', '/b/')).expect(404);
    expect((await lastOf(server, 2)).fields['error']).toBe('BLOB_UPLOAD_UNKNOWN');
  });

  it('counts no body of an answer to HEAD, nor of a 304', async () => {
    await request(server.url).head('/v2/').expect(200);
    expect((await lastOf(server, 1)).fields['size']).toBe(0);
  });

  it('is there for a client that left before its answer', async () => {
    const path = await startUpload(server, 'a');
    const connection = await RawConnection.open(server.port);
    connection.head(`PATCH ${path} HTTP/1.1`, ['Content-Length: 10', 'Expect: 100-continue']);
    expect((await connection.answer()).status).toBe(100);
    connection.reset();
    const { fields } = await lastOf(server, 2);
    expect(fields).toMatchObject({ method: 'PATCH', status: 499 });
  });

  it('says where a client was that has left', async () => {
    const asked = Promise.withResolvers<void>();
    server.built.catalog.queries.hasRepository = () => {
      asked.resolve();
      return new Promise(() => undefined);
    };
    const connection = await RawConnection.open(server.port);
    connection.head('GET /v2/a/tags/list HTTP/1.1');
    await asked.promise;
    connection.reset();
    const { fields } = await lastOf(server, 1);
    expect(fields).toMatchObject({ status: 499, remote_addr: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
  });

  it('is no error where the client left in the middle of its answer', async () => {
    await cutDownload(server, 'the client');
    const isDownload = ({ fields }: Logged): boolean => fields['method'] === 'GET';
    await eventually('the download is logged', () => server.logged.some(isDownload));
    const { level, fields } = server.logged.find(isDownload)!;
    expect([level, fields['status']]).toEqual(['info', 200]);
  });

  it('is there for the paths beside the registry', async () => {
    await request(server.url).get('/livez').expect(200);
    const { fields } = await lastOf(server, 1);
    expect(fields).toMatchObject({ path: '/livez', status: 200, size: 3, route: '/livez' });
  });
});

describe('log.requests: false', () => {
  const server = useServer({ settings: { 'log.requests': 'false' } });

  it('leaves out what went well or was refused, not what failed here', async () => {
    await request(server.url).get('/v2/').expect(200);
    await request(server.url).get('/v2/nobody/tags/list').expect(404);
    server.built.catalog.queries.hasRepository = () => Promise.reject(new Error('broken'));
    await request(server.url).get('/v2/a/tags/list').expect(500);
    const { level, fields } = await lastOf(server, 1);
    expect([level, fields['status']]).toEqual(['error', 500]);
    expect(server.logged.filter(({ message }) => message === 'HTTP request')).toHaveLength(1);
  });

  it('has none for a probe that was told that we are not ready: which is asked again and again', async () => {
    jest.spyOn(server.built.catalog, 'check').mockRejectedValue(new Error('away'));
    await request(server.url).get('/readyz').expect(503);
    server.built.catalog.queries.hasRepository = () => Promise.reject(new Error('broken'));
    await request(server.url).get('/v2/a/tags/list').expect(500);
    expect((await lastOf(server, 1)).fields['path']).toBe('/v2/a/tags/list');
    expect(server.logged.filter(({ message }) => message === 'HTTP request')).toHaveLength(1);
  });

  it('has an error for an answer that a failure here cut after its head', async () => {
    await cutDownload(server, 'us');
    const { level, fields } = await lastOf(server, 1);
    expect([level, fields['status'], fields['error']]).toEqual(['error', 200, expect.any(StorageError)]);
  });

  it('has none for a client that left in the middle of its answer', async () => {
    await cutDownload(server, 'the client');
    await cutDownload(server, 'us');
    const { fields } = await lastOf(server, 1);
    expect(fields['error']).toBeInstanceOf(StorageError);
    expect(server.logged.filter(({ level }) => level === 'error')).toHaveLength(1);
  });
});
