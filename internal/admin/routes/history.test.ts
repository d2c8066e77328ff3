import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { refusalOf } from '../../http/refusal.suite.ts';
import { useServer } from '../../server/fixtures.suite.ts';
import { createSamples } from '../../testing/images.ts';
import { createPusher } from '../../testing/push.ts';

const samples = createSamples('admin history');
const [ONE, TWO] = [samples.image(), samples.image()];
const [OLD, NEW] = [ONE.manifest.digest, TWO.manifest.digest];

describe('the history of a tag', () => {
  const clock = { nowMs: Date.UTC(2026, 0, 1) };
  const server = useServer({ clock: () => clock.nowMs });
  const at = (path: string) => `/admin/repositories/team%2Fapp${path}`;
  const get = (path: string) => request(server.url).get(at(path));
  const post = (path: string, body?: object) => request(server.url).post(at(path)).send(body);
  const pulled = async (tag: string) =>
    (await request(server.url).head(`/v2/team/app/manifests/${tag}`)).headers['docker-content-digest'] as unknown;

  async function pushBoth(): Promise<void> {
    clock.nowMs = Date.UTC(2026, 0, 1);
    const push = createPusher(server.url);
    await push.image('team/app', ONE, 'main');
    clock.nowMs += 60_000;
    await push.image('team/app', TWO, 'main');
  }

  it('is listed newest first, a page at a time', async () => {
    await pushBoth();
    const { body } = await get('/tags/main/history?n=1').expect(200);
    expect(body).toMatchObject({ moves: [{ time: '2026-01-01T00:01:00.000Z', from: OLD, to: NEW }] });
    const { next } = body as { next: string };
    const rest = (await get(`/tags/main/history?last=${next}`).expect(200)).body as object;
    expect(rest).toMatchObject({ moves: [{ to: OLD, principal: 'anonymous' }] });
    expect(rest).not.toHaveProperty('next');
    expect(refusalOf(await request(server.url).get('/admin/repositories/nobody/tags/a/history'))).toBe(
      '404 NAME_UNKNOWN',
    );
  });

  it('tells what a tag was at a time', async () => {
    await pushBoth();
    const then = await get('/tags/main/resolve?at=2026-01-01T00:00:30Z').expect(200);
    expect(then.body).toEqual({ digest: OLD, since: '2026-01-01T00:00:00.000Z', available: true });
    expect((await get('/tags/main/resolve?at=2025-01-01T00:00:00Z')).status).toBe(404);
    expect((await get('/tags/main/resolve')).status).toBe(400);
  });

  it('is the way back, also from a delete', async () => {
    await pushBoth();
    expect((await post('/tags/main/rollback').expect(200)).body).toEqual({ tag: 'main', digest: OLD });
    expect(await pulled('main')).toBe(OLD);
    await request(server.url).delete(`/v2/team/app/manifests/${OLD}`).expect(202);
    expect(await pulled('main')).toBeUndefined();
    expect((await post('/tags/main/rollback', { digest: OLD })).status).toBe(200);
    expect(await pulled('main')).toBe(OLD);
  });

  it('brings back what was deleted', async () => {
    await pushBoth();
    await request(server.url).delete(`/v2/team/app/manifests/${NEW}`).expect(202);
    const { body } = await get('/deleted').expect(200);
    expect(body).toMatchObject({ manifests: [{ digest: NEW, deleted: '2026-01-01T00:01:00.000Z' }] });
    expect((await post(`/deleted/${NEW}/restore`, { tags: ['back'] })).status).toBe(204);
    expect(await pulled('back')).toBe(NEW);
    expect((await get('/deleted')).body).toEqual({ manifests: [] });
    expect((await post(`/deleted/${'sha256:'.padEnd(71, '0')}/restore`)).status).toBe(404);
    expect((await post('/deleted/nothing/restore')).status).toBe(400);
  });
});
