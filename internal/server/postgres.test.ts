import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { getBytes } from '../api/client.suite.ts';
import { refusalOf } from '../http/refusal.suite.ts';
import { createSamples } from '../testing/images.ts';
import { startPostgres, type OwnPostgresServer } from '../testing/postgres.ts';
import { createPusher } from '../testing/push.ts';
import { openServer, type TestServer } from './fixtures.suite.ts';

let postgres: OwnPostgresServer;
beforeAll(async () => void (postgres = await startPostgres()), 60_000);
afterAll(() => postgres.close());

/** Asks until it is answered like that. */
async function untilReady(server: TestServer, status: number): Promise<void> {
  while ((await fetch(`${server.url}/readyz`)).status !== status);
}

describe('a server whose catalog is in PostgreSQL', () => {
  const image = createSamples('postgres').image();
  const servers: TestServer[] = [];
  async function opened(url: string): Promise<TestServer> {
    const server = await openServer({ settings: { 'catalog.type': 'postgres', 'catalog.url': url } });
    servers.push(server);
    return server;
  }
  afterEach(async () => void (await Promise.all(servers.splice(0).map((server) => server.close()))));

  it('takes and gives images, and shares tags and blobs with others on the same database', async () => {
    const url = await postgres.createDatabase();
    const server = await opened(url);
    await createPusher(server.url).image('team/app', image, 'v1', 'latest');
    const got = await getBytes(server, '/v2/team/app/manifests/latest').expect(200);
    expect((got.body as Buffer).equals(image.manifest.bytes)).toBe(true);

    const other = await opened(url);
    await request(other.url)
      .get('/v2/team/app/tags/list')
      .expect(200, { name: 'team/app', tags: ['latest', 'v1'] });
    await request(other.url).delete('/v2/team/app/manifests/v1').expect(202);
    await request(server.url)
      .get('/v2/team/app/tags/list')
      .expect(200, { name: 'team/app', tags: ['latest'] });
  });

  it('starts while the database is away, and serves when it comes, goes and comes again', async () => {
    const url = await postgres.createDatabase();
    await postgres.stop();
    const server = await opened(url);
    const unavailable = { status: 'unavailable', checks: { storage: 'ok', catalog: 'unavailable' } };
    await request(server.url).get('/readyz').expect(503, unavailable);
    await request(server.url).get('/livez').expect(200);
    const refused = await request(server.url).get('/v2/team/app/manifests/v1').expect('retry-after', /\d/);
    expect(refusalOf(refused)).toBe('503 UNKNOWN');
    const told = server.logged.filter(({ message }) => message.startsWith('The catalog is not available: '));
    expect(told).toHaveLength(1);

    await postgres.start();
    await untilReady(server, 200);
    await createPusher(server.url).image('team/app', image, 'v1');
    await postgres.stop();
    await untilReady(server, 503);
    expect(refusalOf(await request(server.url).get('/v2/team/app/manifests/v1'))).toBe('503 UNKNOWN');
    await postgres.start();
    await untilReady(server, 200);
    await getBytes(server, '/v2/team/app/manifests/v1').expect(200);
  }, 60_000);
});
