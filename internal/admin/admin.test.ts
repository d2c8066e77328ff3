import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { CatalogError } from '../catalog/index.ts';
import { refusalOf } from '../http/refusal.suite.ts';
import { shareServer, useServer } from '../server/fixtures.suite.ts';
import { createProbe, remember } from './probes.ts';

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
      const checks = { storage: () => new Promise<void>(() => undefined), catalog: async () => undefined };
      const asked = createProbe(checks, () => 0)();
      await new Promise(setImmediate); // the other store has answered
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

describe('what is remembered of a store', () => {
  const clock = { nowMs: 1_000_000 };
  /** A store that answers when it is told to. */
  function createStore() {
    const asked: PromiseWithResolvers<boolean>[] = [];
    const ask = remember(
      () => {
        const next = Promise.withResolvers<boolean>();
        asked.push(next);
        return next.promise;
      },
      () => clock.nowMs,
    );
    return { asked, ask };
  }
  const expired: number[] = [];
  beforeEach(() => {
    expired.length = 0;
    jest.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      expired.push(ms);
      const over = new AbortController();
      setImmediate(() => over.abort());
      return over.signal;
    });
  });
  afterEach(() => void jest.restoreAllMocks());

  async function answered(store: ReturnType<typeof createStore>, answer: boolean): Promise<boolean> {
    const asking = store.ask();
    store.asked.at(-1)?.resolve(answer);
    return asking;
  }

  it('counts while a new one takes its time, if it is not older than ten seconds', async () => {
    const store = createStore();
    expect(await answered(store, true)).toBe(true);
    clock.nowMs += 10_000;
    expect(await store.ask()).toBe(true);
    expect(expired).toEqual([5000, 100]);
    clock.nowMs += 1;
    expect(await store.ask()).toBe(false);
    expect(expired.at(-1)).toBe(5000);
  });

  it('is no good answer where the last one was not', async () => {
    const store = createStore();
    expect(await answered(store, false)).toBe(false);
    expect(await store.ask()).toBe(false);
  });

  it('does not stand in the way of a new answer', async () => {
    const store = createStore();
    await answered(store, true);
    expect(await answered(store, false)).toBe(false);
    expect(await answered(store, true)).toBe(true);
  });

  it('is asked for once, however many want to know, until that takes too long', async () => {
    const store = createStore();
    await Promise.all([store.ask(), store.ask()]);
    expect(store.asked).toHaveLength(1);
    clock.nowMs += 5001;
    await store.ask();
    expect(store.asked).toHaveLength(2);
  });

  it('is no good answer where asking fails', async () => {
    const failing = remember(
      () => Promise.reject(new Error('EIO')),
      () => clock.nowMs,
    );
    expect(await failing()).toBe(false);
  });
});
