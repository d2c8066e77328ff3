import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { getBytes, postBlob } from '../api/client.suite.ts';
import { blobKey } from '../storage/layout.ts';
import { createSamples, type Sample } from '../testing/images.ts';
import { openPostgres, type PostgresServer } from '../testing/postgres.ts';
import { createPusher } from '../testing/push.ts';
import { startS3Server, type S3Server } from '../testing/s3/server.ts';
import { openTempFolder, type TempFolder } from '../testing/temp-folder.ts';
import { eventually, openServer, useServer, type TestServer } from './fixtures.suite.ts';

const samples = createSamples('server scrub');
const MIB = 1024 * 1024;

interface Status {
  readonly state: string;
  readonly pass: { readonly finished_at: string | null; readonly damaged: number; readonly mended: number } | null;
  readonly quarantined: readonly {
    readonly digest: string;
    readonly hurt: readonly { readonly tag: string | null }[];
  }[];
}

const statusOf = async ({ url }: TestServer): Promise<Status> =>
  (await request(url).get('/admin/scrub').expect(200)).body as Status;
const quarantineOf = async (server: TestServer): Promise<readonly string[]> =>
  (await statusOf(server)).quarantined.map(({ digest }) => digest);

/** A whole pass. */
async function scrub(server: TestServer, body: object = { all: true }): Promise<Status> {
  const before = (await statusOf(server)).pass?.finished_at ?? null;
  await request(server.url).post('/admin/scrub').send(body).expect(202);
  await eventually('all content was read', async () => {
    const { state, pass } = await statusOf(server);
    return state === 'idle' && (pass?.finished_at ?? null) !== before;
  });
  return statusOf(server);
}

function flipped({ bytes }: Pick<Sample, 'bytes'>): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length >> 1]! ^= 1;
  return copy;
}

describe('the scrub of a server on a folder', () => {
  const server = useServer({
    settings: { 'storage.type': 'filesystem', 'registry.cache_size': '0', 'scrub.rate': '0' },
  });
  const fileOf = ({ digest }: Sample): string => join(server.folder, blobKey(digest));

  it('finds what went bad in a large layer, names its tags, and has it mended by a push', async () => {
    const image = samples.image({ layers: 1, layerBytes: 2 * MIB });
    const layer = image.blobs.at(-1)!;
    await createPusher(server.url).image('team/app', image, 'v1', 'latest');
    await writeFile(fileOf(layer), flipped(layer));

    const { pass, quarantined } = await scrub(server);
    expect(pass).toMatchObject({ trigger: 'admin', done: 1, damaged: 1, mended: 0, error: null });
    expect(quarantined).toMatchObject([{ digest: layer.digest, size: layer.size, problem: 'wrong content' }]);
    expect(quarantined[0]!.hurt).toEqual(
      ['latest', 'v1'].map((tag) => ({ repository: 'team/app', digest: image.manifest.digest, tag })),
    );
    expect(server.logged.find(({ message }) => message === 'Damaged content is quarantined')?.fields).toMatchObject({
      digest: layer.digest,
      hurt: ['team/app:latest', 'team/app:v1'],
    });

    const path = `/v2/team/app/blobs/${layer.digest}`;
    await request(server.url).get(path).expect(404);
    await request(server.url).get(path).set('Range', 'bytes=0-9').expect(404);
    await request(server.url).head(path).expect(404);
    await request(server.url).post(`/v2/team/other/blobs/uploads/?mount=${layer.digest}&from=team/app`).expect(202);

    expect((await postBlob(server, 'team/app', layer.digest, layer.bytes)).status).toBe(201);
    expect(await quarantineOf(server)).toEqual([]);
    expect(((await getBytes(server, path).expect(200)).body as Buffer).equals(layer.bytes)).toBe(true);
  });

  it.each([
    ['cut short', async (blob: Sample) => truncate(fileOf(blob), 10)],
    ['removed', async (blob: Sample) => rm(fileOf(blob))],
    ['changed', async (blob: Sample) => writeFile(fileOf(blob), flipped(blob))],
  ])('quarantines what a reader finds %s', async (_how, damage) => {
    const blob = samples.blob(200_000);
    await createPusher(server.url).blob('team/app', blob);
    await damage(blob);
    expect((await request(server.url).get(`/v2/team/app/blobs/${blob.digest}`)).status).toBe(404);
    await eventually('it is quarantined', async () => (await quarantineOf(server)).length > 0);
    expect(await quarantineOf(server)).toEqual([blob.digest]);
  });

  it('counts what it finds', async () => {
    const blob = samples.blob(1000);
    await createPusher(server.url).blob('team/app', blob);
    await rm(fileOf(blob));
    await scrub(server);
    const { text } = await request(server.url).get('/metrics').expect(200);
    expect(text).toMatch(/^scrub_damaged_blobs_total\{problem="missing"\} 1$/m);
    expect(text).toMatch(/^storage_quarantined_blobs 1$/m);
  });

  it('looks only at what it is asked for, and refuses what it does not know', async () => {
    await createPusher(server.url).blob('team/app', samples.blob(1000));
    expect((await scrub(server, { since: '24h' })).pass).toMatchObject({ blobs: 1, since: expect.any(String) });
    expect((await scrub(server, { quarantined: true })).pass).toMatchObject({ blobs: 0 });
    for (const body of [{ repiar: true }, { since: 'yesterday' }, { since: '0' }]) {
      await request(server.url).post('/admin/scrub').send(body).expect(400);
    }
  });

  it('pages through what is quarantined', async () => {
    const blobs = Array.from({ length: 101 }, () => samples.blob(10));
    for (const blob of blobs) await createPusher(server.url).blob('team/app', blob);
    const by = { principal: 'test', address: '', requestId: '' };
    for (const { digest } of blobs) {
      await server.built.catalog.run('quarantine', { by, nowMs: 1, digest, problem: 'missing' });
    }
    const first = (await request(server.url).get('/admin/scrub')).body as Status & { next: string };
    expect(first.quarantined).toHaveLength(100);
    const rest = (await request(server.url).get('/admin/scrub').query({ last: first.next })).body as Status;
    expect([...first.quarantined, ...rest.quarantined].map(({ digest }) => digest)).toEqual(
      blobs.map(({ digest }) => digest).toSorted(),
    );
    expect(rest).toMatchObject({ next: null });
  });
});

describe('the scrub of two servers on S3 and PostgreSQL', () => {
  let postgres: PostgresServer;
  beforeAll(async () => void (postgres = await openPostgres()), 60_000);
  afterAll(() => postgres.close());
  let s3: S3Server;
  let backup: TempFolder;
  let servers: readonly TestServer[];
  beforeEach(async () => {
    [s3, backup] = await Promise.all([startS3Server(), openTempFolder('octoserve-scrub')]);
    const settings = {
      'storage.type': 's3',
      'storage.s3.endpoint': s3.endpoint,
      'storage.s3.bucket': s3.bucket,
      'storage.s3.access_key_id': s3.accessKeyId,
      'storage.s3.secret_access_key': s3.secretAccessKey,
      'storage.s3.redirect': 'on',
      'catalog.type': 'postgres',
      'catalog.url': await postgres.createDatabase(),
      'scrub.rate': '0',
      'scrub.backup': backup.path,
    };
    servers = [await openServer({ settings }), await openServer({ settings })];
  });
  afterEach(async () => {
    for (const server of servers) await server.close();
    await Promise.all([s3.close(), backup.remove()]);
  });

  it('takes a blob from both, sends nobody to the bucket for it, and lets a push replace it there', async () => {
    const [first, second] = servers as [TestServer, TestServer];
    const image = samples.image({ layers: 1, layerBytes: 12 * MIB });
    const layer = image.blobs.at(-1)!;
    await createPusher(first.url).image('team/app', image, 'v1');
    const path = `/v2/team/app/blobs/${layer.digest}`;
    await request(second.url).get(path).expect(307);
    await first.built.storage.blobs.put(layer.digest, flipped(layer));

    expect((await scrub(first)).pass).toMatchObject({ damaged: 1 });
    for (const { url } of servers) {
      await request(url).get(path).expect(404);
      await request(url).head(path).expect(404);
    }
    // Of the same size as what is there, which storage would else take for the same.
    expect((await postBlob(second, 'team/app', layer.digest, layer.bytes)).status).toBe(201);
    const { headers } = await request(first.url).get(path).expect(307);
    const got = await fetch(headers['location']!);
    expect(Buffer.from(await got.arrayBuffer()).equals(layer.bytes)).toBe(true);
    expect((await scrub(second)).pass).toMatchObject({ damaged: 0 });
  });

  it('brings a blob back from a backup, in place of what is in the bucket', async () => {
    const [first, second] = servers as [TestServer, TestServer];
    const image = samples.image({ layers: 1, layerBytes: 12 * MIB });
    const layer = image.blobs.at(-1)!;
    await createPusher(first.url).image('team/app', image, 'v1');
    await first.built.storage.blobs.put(layer.digest, flipped(layer));
    const file = join(backup.path, blobKey(layer.digest));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, layer.bytes);

    expect((await scrub(first)).pass).toMatchObject({ damaged: 1, mended: 1 });
    const { headers } = await request(second.url).get(`/v2/team/app/blobs/${layer.digest}`).expect(307);
    const got = await fetch(headers['location']!);
    expect(Buffer.from(await got.arrayBuffer()).equals(layer.bytes)).toBe(true);
    expect([...s3.store.uploads.keys()]).toEqual([]);
  });

  it('is one at a time', async () => {
    const [first, second] = servers as [TestServer, TestServer];
    const { catalog } = first.built;
    const nowMs = Date.now();
    await catalog.run('takeLease', { name: 'scrub', holder: 'another', nowMs, untilMs: nowMs + 60_000 });
    for (const { url } of [first, second]) {
      expect((await request(url).post('/admin/scrub').send({})).status).toBe(409);
    }
  });
});
