import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { refusalOf } from '../../http/refusal.suite.ts';
import { useServer } from '../../server/fixtures.suite.ts';
import { createSamples, type SampleImage } from '../../testing/images.ts';
import { createPusher } from '../../testing/push.ts';

const DAY_MS = 24 * 3_600_000;
const samples = createSamples('admin gc');

describe('POST /admin/gc', () => {
  const clock = { nowMs: Date.UTC(2026, 0, 1) };
  const server = useServer({ clock: () => clock.nowMs });
  const post = (body?: object, query = '') => request(server.url).post(`/admin/gc${query}`).send(body);
  const status = async (): Promise<object> => (await request(server.url).get('/admin/gc/status').expect(200)).body;

  async function leaveImage(name = 'team/app'): Promise<{ image: SampleImage; bytes: number }> {
    const image = samples.image();
    await createPusher(server.url).image(name, image, 'v1');
    await request(server.url).delete(`/v2/${name}/manifests/${image.manifest.digest}`).expect(202);
    const bytes = [image.manifest, ...image.blobs].reduce((sum, { size }) => sum + size, 0);
    return { image, bytes };
  }

  it('deletes what nothing references when its delay is over, and says how much that was', async () => {
    const { bytes } = await leaveImage();
    expect((await post().expect(200)).body).toMatchObject({ metrics: { blobs_deleted: 0 } });
    clock.nowMs += DAY_MS;
    const { body } = await post().expect(200);
    expect(body).toMatchObject({
      success: true,
      message: `Garbage collection completed: 4 blobs deleted, 0 manifests deleted, ${bytes} bytes freed`,
      metrics: { blobs_deleted: 4, bytes_freed: bytes, dry_run: false, errors: 0, limited: false },
    });
  });

  it('finds and leaves it where the run is dry', async () => {
    const { image, bytes } = await leaveImage();
    const dry = { dry_run: true, grace: '0' };
    expect((await post(dry).expect(200)).body).toMatchObject({
      metrics: { reclaimable_blobs: 4, reclaimable_bytes: bytes, blobs_deleted: 0, bytes_freed: 0, dry_run: true },
    });
    await request(server.url).get(`/v2/team/app/blobs/${image.blobs[0]!.digest}`).expect(200);
  });

  it('keeps to the repositories that were asked for', async () => {
    await leaveImage('one');
    await leaveImage('other');
    expect((await post({ grace: '0s', repositories: ['other'] })).body).toMatchObject({
      metrics: { blobs_deleted: 4 },
    });
    expect((await post({ grace: '0s' })).body).toMatchObject({ metrics: { blobs_deleted: 4 } });
  });

  it('answers as soon as it has begun where it is asked to', async () => {
    await leaveImage();
    const { body } = await post({ grace: '0' }, '?async=true').expect(202);
    expect(body).toEqual({ success: true, message: 'started', metrics: null });
    await server.built.gc.close();
    expect(await status()).toMatchObject({ last_run: { trigger: 'admin' } });
  });

  it.each([{ dryrun: true }, { grace: 'soon' }, { repositories: ['A'] }, { dry_run: 'yes' }])(
    'refuses what it does not understand: %j',
    async (body) => {
      expect(refusalOf(await post(body))).toBe('400 UNSUPPORTED');
    },
  );

  it('is told of by the status, with the run before and the run to come', async () => {
    expect(await status()).toEqual({
      enabled: true,
      interval_hours: 24,
      grace_period_hours: 24,
      dry_run: false,
      max_blobs_per_run: 0,
      status: 'configured',
      state: 'idle',
      next_run_at: new Date(clock.nowMs).toISOString(),
      last_run: null,
    });
    await post();
    expect(await status()).toMatchObject({
      next_run_at: new Date(clock.nowMs + DAY_MS).toISOString(),
      last_run: {
        trigger: 'admin',
        started_at: new Date(clock.nowMs).toISOString(),
        finished_at: new Date(clock.nowMs).toISOString(),
        dry_run: false,
        success: true,
        error: null,
        metrics: { blobs_deleted: 0 },
      },
    });
  });

  it('counts what it does in the metrics', async () => {
    const { bytes } = await leaveImage();
    await post({ grace: '0' });
    const { text } = await request(server.url).get('/metrics').expect(200);
    expect(text).toContain('gc_runs_total{result="done"} 1');
    expect(text).toContain('gc_deleted_blobs_total 4');
    expect(text).toContain(`gc_deleted_bytes_total ${bytes}`);
  });
});

describe('POST /admin/gc where garbage is not collected', () => {
  const server = useServer({ settings: { 'gc.enabled': 'false' } });

  it('says so', async () => {
    expect((await request(server.url).post('/admin/gc').expect(200)).body).toEqual({
      success: false,
      message: 'Garbage collection is not configured',
      metrics: null,
    });
    expect((await request(server.url).get('/admin/gc/status').expect(200)).body).toEqual({
      enabled: false,
      status: 'not_configured',
      state: 'idle',
      next_run_at: null,
      last_run: null,
    });
  });
});
