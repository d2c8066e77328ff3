import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { openServer, useServer, type TestServer } from '../../server/fixtures.suite.ts';
import { createSamples } from '../../testing/images.ts';
import { createPusher } from '../../testing/push.ts';
import { openTempFolder, type TempFolder } from '../../testing/temp-folder.ts';

const samples = createSamples('admin backups');

describe('/admin/backups', () => {
  let folder: TempFolder;
  beforeAll(async () => void (folder = await openTempFolder('octoserve-admin-backups')));
  afterAll(() => folder.remove());

  const clock = { nowMs: Date.UTC(2026, 0, 1) };
  let server: TestServer;
  beforeAll(async () => {
    const settings = { 'backup.target': join(folder.path, 'backup'), 'backup.schedule': '24h', 'backup.keep': '2' };
    server = await openServer({ clock: () => clock.nowMs, settings });
  });
  afterAll(() => server.close());
  beforeEach(() => void (clock.nowMs += 60_000));

  const list = async (): Promise<object> =>
    (await request(server.url).get('/admin/backups').expect(200)).body as object;

  it('tells that there is none yet, and that one is due', async () => {
    expect(await list()).toEqual({
      configured: true,
      last_at: null,
      age_seconds: null,
      next_at: new Date(clock.nowMs).toISOString(),
      reachable: true,
      backups: [],
      unreadable: [],
      unfinished: [],
    });
  });

  it('makes one, and lists it', async () => {
    const image = samples.image();
    await createPusher(server.url).image('team/app', image, 'v1');
    const bytes = [image.manifest, ...image.blobs].reduce((sum, { size }) => sum + size, 0);
    const { body } = await request(server.url).post('/admin/backups').expect(200);
    expect(body).toMatchObject({
      success: true,
      backup: { name: '2026-01-01T00-02-00Z', blobs: 4, bytes, lacking: 0 },
    });
    clock.nowMs += 90_000;
    expect(await list()).toMatchObject({
      last_at: '2026-01-01T00:02:00.000Z',
      age_seconds: 90,
      next_at: '2026-01-02T00:02:00.000Z',
      backups: [{ name: '2026-01-01T00-02-00Z', copied_bytes: bytes }],
    });
    const { text } = await request(server.url).get('/metrics').expect(200);
    expect(text).toContain('backup_age_seconds 90');
    expect(text).toContain(`backup_copied_bytes_total ${bytes}`);
    expect(text).toContain('backup_runs_total{result="done"} 1');
  });

  it('answers as soon as it has begun where it is asked to', async () => {
    const { body } = await request(server.url).post('/admin/backups?async=true').expect(202);
    expect(body).toEqual({ success: true, message: 'started', backup: null });
  });

  it('makes one at a time, in whatever process', async () => {
    const lease = { name: 'backup', holder: 'another', nowMs: clock.nowMs, untilMs: clock.nowMs + 1000 };
    // The one that was begun above may still be going on.
    while (!(await server.built.catalog.run('takeLease', lease))) await new Promise(setImmediate);
    expect((await request(server.url).post('/admin/backups').expect(409)).body).toMatchObject({ success: false });
  });
});

describe('/admin/backups where the target is away', () => {
  const server = useServer({ settings: { 'backup.target': '/dev/null/nowhere' } });

  it('tells what it knows, and that nothing could be listed', async () => {
    const { body } = await request(server.url).get('/admin/backups').expect(200);
    expect(body).toMatchObject({ configured: true, reachable: false, last_at: null, backups: [] });
    const made = await request(server.url).post('/admin/backups');
    expect(made.status).toBeGreaterThanOrEqual(500);
    expect(made.text).not.toContain('nowhere');
    const { text } = await request(server.url).get('/metrics').expect(200);
    expect(text).toContain('backup_runs_total{result="failed"} 1');
  });
});

describe('/admin/backups where there is no target', () => {
  const server = useServer();

  it('says so', async () => {
    expect((await request(server.url).post('/admin/backups').expect(200)).body).toEqual({
      success: false,
      message: 'No target of backups is configured',
      backup: null,
    });
    expect((await request(server.url).get('/admin/backups').expect(200)).body).toMatchObject({
      configured: false,
      next_at: null,
    });
  });
});
