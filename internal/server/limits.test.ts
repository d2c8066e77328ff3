import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { refusalOf } from '../http/refusal.suite.ts';
import { addUser, basic } from './auth-fixtures.suite.ts';
import { useServer } from './fixtures.suite.ts';

const SETTINGS = {
  'auth.mode': 'basic',
  'auth.limits.requests': '8',
  'auth.limits.anonymous': '5',
  'auth.limits.failures': '3',
  'server.trusted_proxies': '127.0.0.1',
};

describe('limits', () => {
  const server = useServer({ settings: SETTINGS });
  beforeEach(() => addUser(server.built.catalog, 'alice', [{ role: 'writer', pattern: '**' }]));
  const get = (path: string, from: string, authorization?: string) => {
    const asked = request(server.url).get(path).set('X-Forwarded-For', from);
    return authorization === undefined ? asked : asked.set('Authorization', authorization);
  };
  async function statuses(times: number, ask: () => request.Test): Promise<readonly number[]> {
    const found = [];
    for (let turn = 0; turn < times; turn += 1) found.push((await ask()).status);
    return found;
  }

  it('answer whoever asks too often with 429 and when to come again', async () => {
    expect(await statuses(7, () => get('/v2/', '198.51.100.1'))).toEqual([401, 401, 401, 401, 401, 429, 429]);
    const answer = await get('/v2/', '198.51.100.1');
    expect(refusalOf(answer)).toBe('429 TOOMANYREQUESTS');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect((await get('/v2/', '198.51.100.2')).status).toBe(401);
  });

  it('count whoever signed in by name, wherever they are, and not with the strangers there', async () => {
    await statuses(6, () => get('/v2/', '198.51.100.1'));
    const mine = basic('alice');
    expect(await statuses(8, () => get('/v2/', '198.51.100.1', mine))).toEqual(Array(8).fill(200));
    expect((await get('/v2/', '198.51.100.9', mine)).status).toBe(429);
  });

  it('hold on every path but those that watch the server', async () => {
    for (const path of ['/openapi.json', '/v2/_catalog', '/admin/audit', '/v2/a/tags/list', '/v2/a/manifests/x']) {
      await get(path, '198.51.100.1');
    }
    expect((await get('/openapi.json', '198.51.100.1')).status).toBe(429);
    for (const path of ['/livez', '/readyz', '/healthz', '/health']) {
      expect((await get(path, '198.51.100.1')).status).toBe(200);
    }
  });

  it('end guessing, and tell the audit', async () => {
    const wrong = () => get('/v2/', '198.51.100.1', basic('alice', 'wrong'));
    expect(await statuses(5, wrong)).toEqual([401, 401, 401, 429, 429]);
    const right = basic('alice');
    expect((await get('/v2/', '198.51.100.1', right)).status).toBe(429);
    expect((await get('/v2/', '198.51.100.2', right)).status).toBe(200);
    await server.built.audit.flush();
    const { rows } = await server.built.catalog.queries.listAudit({ action: 'signin' }, { limit: 10 });
    expect(rows.map(({ result, name, by }) => [result, name, by.address])).toEqual([
      ['done', 'user:alice', '198.51.100.2'],
      ...Array(3).fill(['denied', 'alice', '198.51.100.1']),
    ]);
  });
});

describe('limits with auth.mode none', () => {
  const server = useServer({ settings: { 'auth.limits.anonymous': '1' } });

  it('are off', async () => {
    for (const path of ['/v2/', '/openapi.json', '/v2/', '/openapi.json']) {
      expect((await request(server.url).get(path)).status).toBe(200);
    }
  });
});
