import { afterEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { Exchange } from '../http/index.ts';
import { createDispatch, createSoleDispatch, type MountedFacade } from './build-facades.ts';
import { openServer, useServer, type ServerOptions } from './fixtures.suite.ts';
import { openListener, type Listener } from './listeners/http.ts';
import { openEach, together } from './listeners/together.ts';
import { Seats } from './listeners/seats.ts';

type Begin = MountedFacade['begin'];

const product = { handle: (() => undefined) as Begin, routes: [] };
const facade = (name: string, ...prefixes: readonly string[]) => {
  const [begin, beginAlone]: [Begin, Begin] = [() => undefined, () => undefined];
  return { name, prefixes, begin, beginAlone, ownRoutes: [] };
};

describe('whose a path is', () => {
  const [wide, narrow] = [facade('wide', '/api/v1', '/tools'), facade('narrow', '/api/v1/artifacts', '/api/v1/gc')];
  const surfaceOf = createDispatch([wide, narrow], ['/v2', '/admin/gc', '/'], product);

  it.each([
    ['/api/v1', wide],
    ['/api/v1/', wide],
    ['/api/v1/anything', wide],
    ['/api/v1/artifacts', narrow],
    ['/api/v1/artifacts/a/1', narrow],
    ['//api//v1///gc', narrow],
    ['/api/v1/artifactsx', wide],
    ['/tools/', wide],
  ])('%s is the facade with the longest path above it', (path, { begin }) => {
    expect(surfaceOf(path)).toBe(begin);
  });

  it.each(['/', '/api', '/api/v11', '/admin/gc', '/toolsx', '/API/v1'])('%s is the product', (path) => {
    expect(surfaceOf(path)).toBe(product.handle);
  });

  it.each([
    ['another facade', [facade('a', '/x'), facade('b', '/x')], ['/v2'], '/x has two owners, a and b'],
    ['a route of the product', [facade('a', '/admin')], ['/admin/gc'], '/admin has two owners, the product and a'],
    ['what is below one', [facade('a', '/v2/tools')], ['/v2'], '/v2/tools has two owners, the product and a'],
  ])('a path of %s cannot be had twice', (_, mounted, paths, reason) => {
    expect(() => createDispatch(mounted, paths, product)).toThrow(reason);
  });

  it('in the program of one facade all is its own but the probes, unless it has them', () => {
    const probe = (path: string) => ({ path, isProbe: true }) as never;
    const routes = [probe('/readyz'), probe('/health'), { path: '/admin/gc', isProbe: false } as never];
    const sole = { ...facade('a'), ownRoutes: [{ path: '/health' } as never] };
    const soleOf = createSoleDispatch([sole], 'a', { ...product, routes });
    for (const path of ['/', '/health', '/admin/gc', '/anything']) expect(soleOf(path)).toBe(sole.beginAlone);
    expect(soleOf('/readyz')).toBe(product.handle);
    expect(() => createSoleDispatch([sole], 'b', product)).toThrow('facades.b.enabled is false');
  });
});

describe('a facade with a listener of its own', () => {
  const open: Listener[] = [];
  afterEach(async () => {
    for (const listener of open.splice(0)) {
      listener.cut();
      await listener.drain();
    }
  });
  const server = useServer({ settings: { 'facades.foundry.listen': '127.0.0.1:0' } });

  async function listen(): Promise<string> {
    const [own] = server.built.ownListeners;
    if (!own) throw new Error('there is no listener');
    const listener = await openListener({
      ...own,
      tls: undefined,
      inactivity: { readMs: 30_000, writeMs: 30_000, idleMs: 30_000 },
      maxHeaderBytes: 16_384,
      shared: false,
      seats: new Seats(0),
      onAcceptError: () => undefined,
      createExchange: server.built.createExchange,
    });
    open.push(listener);
    return `http://127.0.0.1:${listener.port}`;
  }

  it('is all that is there: its routes, its own forms of /, /health and /metrics, and nothing of the product', async () => {
    const url = await listen();
    expect((await request(url).get('/')).body).toEqual({ service: 'foundry-registry', version: '0.0.0-test' });
    expect((await request(url).get('/health')).body).toEqual({ status: 'ok' });
    expect((await request(url).get('/metrics')).text).toContain('foundry_requests_total');
    await request(url).post('/api/v1/artifacts/tool/1').send('hello').expect(201);
    expect((await request(server.url).get('/api/v1/packages')).body).toMatchObject([{ name: 'tool' }]);
    for (const path of ['/v2/', '/admin/audit', '/readyz', '/api/v1/nope']) {
      expect([path, (await request(url).get(path)).body]).toEqual([
        path,
        { error: 'Not Found', code: 404, message: 'route not found' },
      ]);
    }
  });

  it('has its requests logged like all others', async () => {
    const url = await listen();
    await request(url).get('/api/v1/packages');
    expect(server.logged.map(({ fields }) => fields['route'])).toContain('/api/v1/packages');
  });
});

describe('listeners', () => {
  it('are opened all or none', async () => {
    const surroundings = {
      ticks: () => 0,
      newRequestId: () => '',
      addressOf: () => '',
      siteOf: () => '',
      onBodyBytes: () => undefined,
    };
    const openOne = (port: number): Promise<Listener> =>
      openListener({
        address: '127.0.0.1',
        port,
        tls: undefined,
        inactivity: { readMs: 30_000, writeMs: 30_000, idleMs: 30_000 },
        maxHeaderBytes: 16_384,
        shared: false,
        seats: new Seats(0),
        onAcceptError: () => undefined,
        createExchange: (req, res, awaitsContinue) => new Exchange(req, res, surroundings, awaitsContinue),
        begin: (exchange) => exchange.respond(200, {}, 'here'),
      });
    const [taken] = await openEach([0], openOne);
    if (!taken) throw new Error('it is open');
    const opened: Listener[] = [];
    const noting = async (port: number): Promise<Listener> => {
      const listener = await openOne(port);
      opened.push(listener);
      return listener;
    };
    await expect(openEach([0, taken.port], noting)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const [first] = opened;
    await expect(request(`http://127.0.0.1:${first?.port}`).get('/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const all = together([taken]);
    all.cut();
    await all.drain();
    await expect(request(`http://127.0.0.1:${taken.port}`).get('/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('facades whose paths meet', () => {
  it('keep the server from starting', async () => {
    const options: ServerOptions = { settings: { 'facades.foundry.base_path': '/v2' } };
    await expect(openServer(options)).rejects.toThrow('/v2/artifacts has two owners, the product and foundry');
  });
});
