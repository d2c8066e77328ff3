import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { useServer } from '../../server/fixtures.suite.ts';
import { createSamples } from '../../testing/images.ts';
import { createPusher } from '../../testing/push.ts';

const DAY_MS = 24 * 3_600_000;
const samples = createSamples('admin retention');
const [ONE, TWO] = [samples.image(), samples.image()];

describe('POST /admin/retention', () => {
  const clock = { nowMs: 0 };
  const server = useServer({ clock: () => clock.nowMs, settings: { 'retention.old.keep_last': '1' } });
  beforeEach(async () => {
    clock.nowMs = Date.UTC(2026, 0, 1);
    await createPusher(server.url).image('team/app', ONE, 'old');
    clock.nowMs += 1000;
    await createPusher(server.url).image('team/app', TWO, 'new');
  });
  const post = (body?: object) => request(server.url).post('/admin/retention').send(body);
  const tags = async (): Promise<unknown> => (await request(server.url).get('/v2/team/app/tags/list')).body as unknown;

  it('tells what would go and why where the run is dry', async () => {
    const { body } = await post({ dry_run: true }).expect(200);
    expect(body).toMatchObject({
      dry_run: true,
      tags: 1,
      manifests: 1,
      free_at: '2026-01-02T00:00:01.000Z',
      expired: [{ kind: 'manifest', repository: 'team/app', tags: ['old'], reason: 'old: not among the 1 set last' }],
      truncated: false,
    });
    expect(await tags()).toMatchObject({ tags: ['new', 'old'] });
  });

  it('lets go of it where it is not, in the repositories that are asked for', async () => {
    expect((await post({ repositories: ['other'] })).body).toMatchObject({ repositories: 0, tags: 0, free_at: null });
    expect((await post()).body).toMatchObject({ dry_run: false, tags: 1, manifests: 1 });
    expect(await tags()).toMatchObject({ tags: ['new'] });
    expect((await post({ dry_run: true })).body).toMatchObject({ tags: 0, manifests: 0, bytes: 0, free_at: null });
  });

  it('does nothing that was misspelt', async () => {
    expect((await post({ dryrun: true })).status).toBe(400);
    expect(await tags()).toMatchObject({ tags: ['new', 'old'] });
  });

  it('is done on schedule, the first time an interval after the rules were seen', async () => {
    const { retention } = server.built;
    const signal = new AbortController().signal;
    expect(await retention.runIfDue(signal)).toBeUndefined();
    clock.nowMs += DAY_MS - 1;
    expect(await retention.runIfDue(signal)).toBeUndefined();
    clock.nowMs += 1;
    expect(await retention.runIfDue(signal)).toMatchObject({ tags: 1 });
    expect(await tags()).toMatchObject({ tags: ['new'] });
  });
});
