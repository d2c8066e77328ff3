import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { CatalogError, type CatalogFailure } from '../catalog/index.ts';
import { getBytes, postBlob, putManifest } from '../api/client.suite.ts';
import { StorageError, type StorageFailure } from '../storage/index.ts';
import { eventually, useServer, type Logged } from '../server/fixtures.suite.ts';
import { createSamples } from '../testing/images.ts';
import { createPusher } from '../testing/push.ts';
import { RawConnection } from './raw-client.suite.ts';
import { detailsOf, refusalOf } from './refusal.suite.ts';

const samples = createSamples('failures');
const IMAGE = samples.image();
const SECRETS =
  'SQLITE_CORRUPT: select digest from tags at /srv/octo/catalog.db (Error: at Object.<anonymous> /app/x.ts:1:1)';

describe('a failure of ours', () => {
  const server = useServer();
  beforeEach(() => createPusher(server.url).image('a', IMAGE, 'latest'));

  const failures = (): readonly Logged[] =>
    server.logged.filter(({ level, message }) => level === 'error' && message === 'HTTP request');
  const fail = (failure: Error): void => {
    jest.spyOn(server.built.catalog.queries, 'findTag').mockRejectedValue(failure);
  };
  const ask = () => request(server.url).get('/v2/a/manifests/latest');

  it.each([
    ['an error that nobody expected', () => new Error(SECRETS)],
    ['a type error', () => new TypeError(SECRETS)],
    ['a broken catalog', () => new CatalogError('broken', SECRETS, new Error(SECRETS))],
    ['a broken disk', () => new StorageError('broken', SECRETS)],
    ['something thrown that is no error', () => SECRETS as unknown as Error],
  ])('tells the client nothing of itself: %s', async (_what, make) => {
    fail(make());
    const answer = await ask();
    expect(answer.text).toBe('{"errors":[{"code":"UNKNOWN","message":"internal server error"}]}');
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer.headers)).not.toMatch(/SQLITE|srv|anonymous/);
  });

  it('is in the log with its cause, its place and the id of the request', async () => {
    const cause = new CatalogError('broken', SECRETS);
    fail(cause);
    await ask();
    await eventually('it is logged', () => failures().length === 1);
    const { fields } = failures()[0]!;
    expect(fields).toMatchObject({
      status: 500,
      method: 'GET',
      path: '/v2/a/manifests/latest',
      route: '/v2/{name}/manifests/{reference}',
      request_id: expect.stringMatching(/^.{10,}$/),
      error: expect.objectContaining({ code: 'UNKNOWN', cause }),
    });
  });

  it('gives the client the id under which it is in the log, and a refusal none', async () => {
    fail(new Error(SECRETS));
    const answer = await ask();
    await eventually('it is logged', () => failures().length === 1);
    expect(answer.headers['x-request-id']).toBe(failures()[0]!.fields['request_id']);
    const refused = await request(server.url).get('/v2/nobody/tags/list').expect(404);
    expect(refused.headers['x-request-id']).toBeUndefined();
  });

  it.each<readonly [CatalogFailure & StorageFailure, string, string | undefined]>([
    ['busy', '503 UNKNOWN', '1'],
    ['full', '507 UNKNOWN', undefined],
    ['broken', '500 UNKNOWN', undefined],
  ])('that is called %s is answered with %s', async (failure, refusal, retryAfter) => {
    for (const thrown of [new CatalogError(failure, SECRETS), new StorageError(failure, SECRETS)]) {
      fail(thrown);
      const answer = await ask();
      expect(refusalOf(answer)).toBe(refusal);
      expect(detailsOf(answer)).toEqual([undefined]);
      expect(answer.headers['retry-after']).toBe(retryAfter);
    }
  });

  it('has the id of its request in the log of changes too, where there was one', async () => {
    await eventually('the push is logged', () => server.logged.some(({ fields }) => fields['method'] === 'PUT'));
    const put = server.logged.find(
      ({ fields }) => fields['method'] === 'PUT' && fields['route'] === '/v2/{name}/manifests/{reference}',
    );
    await server.built.registry.chores.followChanges();
    const changes = await server.built.catalog.queries.listChanges({ limit: 100 });
    expect(changes.at(-1)?.by).toEqual({
      principal: 'anonymous',
      address: put?.fields['remote_addr'],
      requestId: put?.fields['request_id'],
    });
  });

  it('in the middle of an answer cuts it, so that nobody takes it for whole', async () => {
    const blob = samples.blob(1_500_000);
    await createPusher(server.url).blob('a', blob);
    jest.spyOn(server.built.storage.blobs, 'open').mockResolvedValue({
      sizeBytes: blob.size,
      async *read() {
        yield blob.bytes.subarray(0, 700_000);
        throw new StorageError('broken', SECRETS);
      },
      close: async () => undefined,
    });
    const connection = await RawConnection.open(server.port);
    connection.head(`GET /v2/a/blobs/${blob.digest} HTTP/1.1`);
    const received = await connection.ended();
    connection.close();
    expect(received.toString('latin1')).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(received.includes('SQLITE')).toBe(false);
    expect(received.length).toBeLessThan(blob.size);
    await eventually('the cause is logged', () =>
      server.logged.some(({ fields }) => fields['error'] instanceof StorageError),
    );
  });

  it('at the first byte of an answer is told like any other', async () => {
    const blob = samples.blob(1_500_000);
    await createPusher(server.url).blob('a', blob);
    jest.spyOn(server.built.storage.blobs, 'open').mockResolvedValue({
      sizeBytes: blob.size,
      read: () => ({
        [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new StorageError('broken', SECRETS)) }),
      }),
      close: async () => undefined,
    });
    const answer = await request(server.url).get(`/v2/a/blobs/${blob.digest}`);
    expect(refusalOf(answer)).toBe('500 UNKNOWN');
    expect(answer.headers['docker-content-digest']).toBeUndefined();
  });

  it('gives the content back, however the answer ends', async () => {
    const blob = samples.blob(1_500_000);
    await createPusher(server.url).blob('a', blob);
    let [opened, closed] = [0, 0];
    const open = server.built.storage.blobs.open.bind(server.built.storage.blobs);
    jest.spyOn(server.built.storage.blobs, 'open').mockImplementation(async (digest) => {
      const content = await open(digest);
      opened += 1;
      return content && { ...content, close: async () => ((closed += 1), content.close()) };
    });
    const path = `/v2/a/blobs/${blob.digest}`;
    await getBytes(server, path).expect(200);
    await getBytes(server, path).set('Range', 'bytes=5-9').expect(206);
    await request(server.url).get(path).set('Range', 'bytes=9999999-').expect(416);
    await request(server.url).get(path).set('If-None-Match', `"${blob.digest}"`).expect(304);
    await request(server.url).head(path).expect(200);
    const connection = await RawConnection.open(server.port);
    connection.head(`GET ${path} HTTP/1.1`);
    await connection.begun();
    connection.reset();
    await eventually('all is closed', () => opened >= 5 && opened === closed);
    expect(closed).toBe(opened);
  });

  it('does not stand in the way of what comes next', async () => {
    fail(new CatalogError('busy', SECRETS));
    expect((await ask()).status).toBe(503);
    jest.restoreAllMocks();
    expect((await ask()).status).toBe(200);
    expect((await putManifest(server, 'a', 'next', IMAGE.manifest)).status).toBe(201);
    const blob = samples.blob();
    expect((await postBlob(server, 'a', blob.digest, blob.bytes)).status).toBe(201);
  });
});
