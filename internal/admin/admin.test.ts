import { describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { CatalogError } from '../catalog/index.ts';
import { refusalOf } from '../http/refusal.suite.ts';
import { shareServer, useServer } from '../server/fixtures.suite.ts';
import { probe } from './probes.ts';

describe('the paths beside the registry', () => {
  const server = shareServer();
  const get = (path: string) => request(server.url).get(path);

  it('say that the process is alive, whatever its stores do', async () => {
    jest.spyOn(server.built.catalog, 'check').mockRejectedValue(new CatalogError('busy', 'away'));
    for (const path of ['/livez', '/healthz']) expect((await get(path)).text).toBe('ok\n');
    jest.restoreAllMocks();
  });

  it('give name and version to people and programs', async () => {
    expect((await get('/')).text).toBe('octoserve v0.0.0-test\n');
    expect((await get('/health')).body).toEqual({ status: 'OK', version: '0.0.0-test' });
  });

  it('answer HEAD like GET, without a body', async () => {
    for (const path of ['/', '/livez', '/healthz', '/health', '/readyz', '/metrics']) {
      const [full, head] = [await get(path), await request(server.url).head(path)];
      expect([path, head.status, head.headers['content-type']]).toEqual([path, 200, full.headers['content-type']]);
      expect(head.text).toBeUndefined();
    }
  });

  it.each(['/nothing', '/v1/', '/v2x', '/readyz/more', '/..%2f', '/%', '/metrics/x'])(
    'are JSON errors where nothing is: %s',
    async (path) => {
      expect(refusalOf(await get(path))).toMatch(/^40[04] UNSUPPORTED$/);
    },
  );

  it.each(['post', 'put', 'patch', 'delete'] as const)('refuse to be changed by %s, in JSON', async (method) => {
    for (const path of ['/', '/livez', '/readyz', '/metrics', '/health']) {
      expect(refusalOf(await request(server.url)[method](path).send('x'))).toBe('405 UNSUPPORTED');
    }
  });

  it('are not for pages of other sites', async () => {
    for (const path of ['/', '/livez', '/readyz', '/health', '/metrics', '/nothing']) {
      const answer = await get(path).set('Origin', 'https://evil.example');
      expect([path, answer.headers['access-control-allow-origin']]).toEqual([path, undefined]);
    }
  });

  it('tell nobody what serves them', async () => {
    for (const path of ['/', '/readyz', '/nothing'])
      expect((await get(path)).headers).not.toHaveProperty('x-powered-by');
  });
});

describe('/readyz', () => {
  const server = useServer();
  const ask = () => request(server.url).get('/readyz');

  it('is 200 with a line for each store where all of them answer', async () => {
    const answer = await ask();
    expect([answer.status, answer.body]).toEqual([200, { status: 'ok', checks: { storage: 'ok', catalog: 'ok' } }]);
  });

  it.each(['storage', 'catalog'] as const)(
    'is 503 and names %s where that does not answer, and says nothing else',
    async (store) => {
      jest.spyOn(server.built[store], 'check').mockRejectedValue(new Error('EIO: /srv/octo/secret'));
      const answer = await ask();
      expect(answer.status).toBe(503);
      expect(answer.body).toEqual({
        status: 'unavailable',
        checks: { storage: 'ok', catalog: 'ok', [store]: 'unavailable' },
      });
      jest.restoreAllMocks();
      expect((await ask()).status).toBe(200);
    },
  );

  it('waits five seconds for a store, and no longer', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] });
    try {
      const late = jest.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
        const over = new AbortController();
        setTimeout(() => over.abort(new Error('late')), ms);
        return over.signal;
      });
      const asked = probe({ storage: () => new Promise(() => undefined), catalog: async () => undefined });
      jest.advanceTimersByTime(4999);
      expect(late).toHaveBeenCalledWith(5000);
      jest.advanceTimersByTime(1);
      expect(await asked).toEqual({
        status: 503,
        report: { status: 'unavailable', checks: { storage: 'unavailable', catalog: 'ok' } },
      });
    } finally {
      jest.useRealTimers();
      jest.restoreAllMocks();
    }
  });
});
