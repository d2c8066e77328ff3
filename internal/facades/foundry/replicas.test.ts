import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { openServer, type TestServer } from '../../server/fixtures.suite.ts';
import { openTempFolder, type TempFolder } from '../../testing/temp-folder.ts';
import { openPostgres, type PostgresServer } from '../../testing/postgres.ts';
import { startS3Server, type S3Server } from '../../testing/s3/server.ts';

type Settings = Readonly<Record<string, string>>;

let postgres: PostgresServer;
let s3: S3Server;
let folder: TempFolder;
beforeAll(async () => {
  [postgres, s3, folder] = await Promise.all([openPostgres(), startS3Server(), openTempFolder('foundry-replicas')]);
}, 60_000);
afterAll(async () => {
  await Promise.all([postgres.close(), s3.close(), folder.remove()]);
});

let made = 0;
/** What two servers share. */
const PLACES: Readonly<Record<string, () => Promise<Settings>>> = {
  'a folder and SQLite': async () => ({ 'storage.type': 'filesystem', 'storage.path': `${folder.path}/${++made}` }),
  'a bucket and PostgreSQL': async () => ({
    'storage.type': 's3',
    'storage.s3.endpoint': s3.endpoint,
    'storage.s3.bucket': s3.bucket,
    'storage.s3.prefix': `run-${++made}`,
    'storage.s3.access_key_id': s3.accessKeyId,
    'storage.s3.secret_access_key': s3.secretAccessKey,
    'catalog.type': 'postgres',
    'catalog.url': await postgres.createDatabase(),
  }),
};

describe.each(Object.entries(PLACES))('two servers on %s', (_, settingsOf) => {
  const servers: TestServer[] = [];
  afterEach(async () => void (await Promise.all(servers.splice(0).map((server) => server.close()))));

  async function openTwo(): Promise<readonly [string, string]> {
    const settings = await settingsOf();
    for (let count = 0; count < 2; count += 1) servers.push(await openServer({ settings }));
    return servers.map(({ url }) => url) as [string, string];
  }
  const at = (path: string): string => `/api/v1/artifacts/${path}`;

  it('give what the other was given at once, and miss what it deleted', async () => {
    const [one, other] = await openTwo();
    await request(one).post(at('tool/1')).send('hello').expect(201);
    expect((await request(other).get(at('tool/1')).buffer(true)).body.toString()).toBe('hello');
    expect((await request(other).get('/api/v1/packages')).body).toMatchObject([{ name: 'tool' }]);
    await request(other).delete(at('tool/1')).expect(200);
    await request(one).get(at('tool/1')).expect(404);
    expect((await request(one).post('/api/v1/gc')).body.deleted_blobs).toBeGreaterThanOrEqual(1);
  });

  it('make of many uploads of one version exactly one', async () => {
    const urls = await openTwo();
    const bodies = Array.from({ length: 20 }, (__, index) => `body ${index}`);
    const answers = await Promise.all(
      bodies.map((body, index) =>
        request(urls[index % 2] ?? '')
          .post(at('tool/1'))
          .send(body),
      ),
    );
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([201, ...Array<number>(19).fill(409)]);
    const winner = bodies[answers.findIndex(({ status }) => status === 201)];
    for (const url of urls) expect((await request(url).get(at('tool/1')).buffer(true)).body.toString()).toBe(winner);
  });
});

describe('downloads from a bucket that is redirected to', () => {
  const MIB = 1024 * 1024;

  it.each([
    ['false', 200],
    ['true', 307],
  ])('with facades.foundry.redirect_downloads %s are answered with %d', async (redirects, status) => {
    const bucket = await PLACES['a bucket and PostgreSQL']?.();
    const settings = { 'storage.s3.redirect': 'on', 'facades.foundry.redirect_downloads': redirects };
    const server = await openServer({ settings: { ...bucket, ...settings } });
    try {
      await request(server.url).post('/api/v1/artifacts/tool/1').send(Buffer.alloc(MIB, 'x')).expect(201);
      const answer = await request(server.url).get('/api/v1/artifacts/tool/1').redirects(0).buffer(true);
      expect(answer.status).toBe(status);
      expect(answer.headers['x-artifact-hash']).toMatch(/^[0-9a-f]{64}$/);
    } finally {
      await server.close();
    }
  });
});
