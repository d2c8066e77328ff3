import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createSamples, type SampleImage } from '../images.ts';
import { askPostgres, startPostgres, type OwnPostgresServer } from '../postgres.ts';
import { createPusher } from '../push.ts';
import { startFaultProxy, type Fault, type FaultProxy } from '../s3/fault-proxy.ts';
import { startS3Server, type S3Server } from '../s3/server.ts';
import { until } from './child.ts';
import { startServer, type ServerProcess, type Settings } from './server-process.ts';

/** Within this a server finds out that what it stands on went, or came back. */
const PATIENCE_MS = 30_000;
const TEST_MS = 120_000;

interface Line {
  readonly level: string;
  readonly msg: string;
}

/** What the operator was told, requests apart. */
function linesOf(server: ServerProcess, level: 'INFO' | 'ERROR'): readonly string[] {
  const printed = server.output().split('\n').slice(0, -1);
  const lines = printed.map((line) => JSON.parse(line) as Line);
  return lines.filter((line) => line.level === level && line.msg !== 'HTTP request').map(({ msg }) => msg);
}

async function readiness({ url }: ServerProcess): Promise<{ status: number; checks: Record<string, string> }> {
  const answer = await fetch(`${url}/readyz`);
  return { status: answer.status, checks: ((await answer.json()) as { checks: Record<string, string> }).checks };
}

const untilReady = (server: ServerProcess): Promise<boolean> =>
  until('it is ready', PATIENCE_MS, async () => (await readiness(server)).status === 200);

/** Alive, not ready because of that part alone, and whoever pushes is told to come again. */
async function expectAway(server: ServerProcess, part: 'storage' | 'catalog', refuses = true): Promise<void> {
  await until(`${part} is away`, PATIENCE_MS, async () => (await readiness(server)).status === 503);
  const other = part === 'storage' ? 'catalog' : 'storage';
  expect((await readiness(server)).checks).toEqual({ [part]: 'unavailable', [other]: 'ok' });
  expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  if (!refuses) return;
  const { digest, bytes } = createSamples('away').blob(100);
  for (let turn = 0; turn < 3; turn += 1) {
    const pushed = await fetch(`${server.url}/v2/away/blobs/uploads/?digest=${digest}`, {
      method: 'POST',
      body: Uint8Array.from(bytes),
    });
    expect([pushed.status, pushed.headers.get('retry-after')]).toEqual([503, '1']);
  }
}

async function expectImage({ url }: ServerProcess, tag: string, { manifest, blobs }: SampleImage): Promise<void> {
  for (const [path, { bytes }] of [
    [`manifests/${tag}`, manifest] as const,
    ...blobs.map((blob) => [`blobs/${blob.digest}`, blob] as const),
  ]) {
    const got = await fetch(`${url}/v2/away/${path}`);
    expect([got.status, Buffer.from(await got.arrayBuffer()).equals(bytes)]).toEqual([200, true]);
  }
}

describe('a server whose database', () => {
  let postgres: OwnPostgresServer;
  let server: ServerProcess | undefined;
  beforeAll(async () => void (postgres = await startPostgres()), TEST_MS);
  afterAll(() => postgres.close());
  afterEach(() => server?.close());
  const settings = async (): Promise<Settings> => ({
    'catalog.type': 'postgres',
    'catalog.url': await postgres.createDatabase(),
    'storage.type': 'filesystem',
  });

  const AWAY = /^The catalog is not available: PostgreSQL at 127\.0\.0\.1:\d+ .*catalog\.url/;
  const BACK = 'The catalog is available again';

  it(
    'is away at its start, and goes away later, says so in one line each and recovers by itself',
    async () => {
      const samples = createSamples('database');
      const [first, second] = [samples.image(), samples.image()];
      const wanted = await settings();
      await postgres.stop();
      server = await startServer(wanted, '/livez');
      await expectAway(server, 'catalog');
      expect(linesOf(server, 'ERROR')).toEqual([expect.stringMatching(AWAY)]);

      await postgres.start();
      await untilReady(server);
      await createPusher(server.url).image('away', first, 'first');
      expect(linesOf(server, 'INFO')).toContain(BACK);

      await postgres.stop();
      await expectAway(server, 'catalog');
      // It may be seen while it stops and when it has stopped: each is a reason of its own.
      const [, ...later] = linesOf(server, 'ERROR');
      expect(new Set(later).size).toBe(later.length);
      expect(later.length).toBeGreaterThan(0);

      await postgres.start();
      await untilReady(server);
      await createPusher(server.url).image('away', second, 'second');
      await expectImage(server, 'first', first);
      await expectImage(server, 'second', second);
      expect(linesOf(server, 'INFO').filter((line) => line === BACK)).toHaveLength(2);
      expect(await server.stop()).toEqual({ code: 0, signal: null });
    },
    TEST_MS,
  );

  it('is of a later version, does not start', async () => {
    const wanted = await settings();
    await (await startServer(wanted)).close();
    await askPostgres(wanted['catalog.url']!, "insert into migrations values ('9999-later', '9.9', 1)");
    await expect(startServer(wanted, '/livez')).rejects.toThrow(/9\.9/);
  });

  it('has no address that can be read, does not start', async () => {
    const malformed = { ...(await settings()), 'catalog.url': 'postgres://nobody' };
    await expect(startServer(malformed, '/livez')).rejects.toThrow(/catalog\.url.*must name/);
  });
});

describe('a server whose bucket', () => {
  let s3: S3Server;
  let proxy: FaultProxy;
  let server: ServerProcess | undefined;
  let offMs = 0;
  beforeEach(async () => {
    s3 = await startS3Server({ clock: () => Date.now() + offMs });
    proxy = await startFaultProxy(s3.endpoint);
  });
  afterEach(async () => {
    offMs = 0;
    await server?.close();
    await proxy.close();
    await s3.close();
  });
  const settings = (): Settings => ({
    'storage.type': 's3',
    'storage.s3.endpoint': proxy.endpoint,
    'storage.s3.bucket': s3.bucket,
    'storage.s3.access_key_id': s3.accessKeyId,
    'storage.s3.secret_access_key': s3.secretAccessKey,
  });
  const BACK = 'Storage is available again';

  /** It is so at the start, then well, then so again: `from` and `to` change between the two. */
  async function comeAndGo(from: () => void, to: () => void, line: RegExp, refuses = true): Promise<'back twice'> {
    const image = createSamples('bucket').image();
    from();
    server = await startServer(settings(), '/livez');
    await expectAway(server, 'storage', refuses);
    const told = expect.stringMatching(new RegExp(`^Storage is not available: .*${line.source}`));
    expect(linesOf(server, 'ERROR')).toEqual([told]);
    to();
    await untilReady(server);
    await createPusher(server.url).image('away', image, 'latest');
    from();
    await expectAway(server, 'storage', refuses);
    expect(linesOf(server, 'ERROR')).toEqual([told, told]);
    to();
    await untilReady(server);
    await expectImage(server, 'latest', image);
    const running = server;
    await until('it says so', PATIENCE_MS, () => linesOf(running, 'INFO').filter((each) => each === BACK).length === 2);
    return 'back twice';
  }

  it.each<[Fault, RegExp]>([
    ['unknown key', /does not know the access key: set storage\.s3\.access_key_id and storage\.s3\.secret_access_key/],
    ['wrong secret', /the secret does not fit the access key: set storage\.s3\.secret_access_key/],
    ['no bucket', /there is no bucket test-bucket at http.*: create it, or set storage\.s3\.bucket/],
    ['wrong region', /bucket test-bucket is in another region: set storage\.s3\.region/],
    ['access denied', /the access key may not do that in bucket test-bucket: it needs s3:GetObject/],
    ['reset', /cuts the connection: see its log, and whether storage\.s3\.endpoint is right/],
  ])(
    'answers "%s", says so in one line and recovers by itself',
    async (fault, line) => {
      const refuse = (): void => proxy.inject(() => fault);
      const serve = (): void => proxy.inject(() => undefined);
      expect(await comeAndGo(refuse, serve, line)).toBe('back twice');
    },
    TEST_MS,
  );

  it(
    'has another clock, says so in one line and recovers by itself, and works all the while',
    async () => {
      const advance = (): void => void (offMs = 3_600_000);
      const set = (): void => void (offMs = 0);
      const line = /the clock of this machine is 60 minutes behind that of http.*: set the clock \(NTP\)/;
      expect(await comeAndGo(advance, set, line, false)).toBe('back twice');
    },
    TEST_MS,
  );
});
