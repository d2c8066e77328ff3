import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { refusalOf } from '../../http/refusal.suite.ts';
import { useServer } from '../../server/fixtures.suite.ts';
import { createSamples } from '../../testing/images.ts';
import { createPusher } from '../../testing/push.ts';

interface Page {
  readonly entries: readonly { readonly action: string; readonly name: string; readonly time: string }[];
  readonly next?: string;
}

describe('/admin/audit', () => {
  const clock = { nowMs: Date.UTC(2026, 0, 1) };
  const server = useServer({ clock: () => clock.nowMs++ });
  const ask = async (query = ''): Promise<Page> =>
    (await request(server.url).get(`/admin/audit${query}`).expect(200)).body as Page;
  const push = () =>
    createPusher(server.url).image('team/app', createSamples('audit').image({ layers: 1 }), 'v1', 'v2');
  const foreign = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' };

  it('tells who did what, newest first', async () => {
    await push();
    const { entries } = await ask();
    expect(entries.map(({ action }) => action)).toEqual(['tag.put', 'tag.put', 'manifest.put', 'blob.put', 'blob.put']);
  });

  it('tells what was refused', async () => {
    await request(server.url).delete('/v2/team/app/manifests/v1').set(foreign).expect(403);
    await server.built.audit.flush();
    expect((await ask('?result=denied')).entries).toMatchObject([
      {
        action: 'access.delete',
        name: 'DELETE /v2/team/app/manifests/v1',
        repository: 'team/app',
        principal: 'anonymous',
        address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        result: 'denied',
      },
    ]);
  });

  it('leads from page to page until there is no more', async () => {
    await push();
    const whole = (await ask()).entries;
    const found = [];
    for (let path = '/admin/audit?n=2&repository=team%2Fapp'; path !== '';) {
      const answer = await request(server.url).get(path).expect(200);
      found.push(...(answer.body as Page).entries);
      const link = /<([^>]*)>; rel="next"/.exec(answer.headers['link'] ?? '')?.[1] ?? '';
      expect(link === '').toBe((answer.body as Page).next === undefined);
      path = link;
    }
    expect(found).toEqual(whole);
  });

  it('lists a span of time', async () => {
    await push();
    const { entries } = await ask();
    const [last, first] = [entries[0]!.time, entries.at(-1)!.time];
    const inside = entries.filter(({ time }) => time > first && time < last);
    const after = new Date(Date.parse(first) + 1).toISOString();
    expect((await ask(`?since=${after}&until=${last}`)).entries).toEqual(inside);
    expect(inside.length).toBeGreaterThan(0);
  });

  it.each(['?since=yesterday', '?n=x', '?action=fly', '?repository=A', '?last=1', '?principle=x', '?result=no'])(
    'refuses what it cannot read: %s',
    async (query) => {
      expect(refusalOf(await request(server.url).get(`/admin/audit${query}`))).toBe('400 UNSUPPORTED');
    },
  );
});
