import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { OciError } from '../../pkg/oci/index.ts';
import { Exchange } from './exchange.ts';
import { formatOciFailure } from './failures.ts';
import { refusalOf } from './refusal.suite.ts';
import { createRouter, type PathRoute, type RouterOptions } from './router.ts';
import { SURROUNDINGS } from './surroundings.suite.ts';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

/** Answers with what its path said. */
const echo = (method: PathRoute['method'], path: string): PathRoute => ({
  method,
  path,
  action: 'none',
  visibility: 'challenged',
  doc: { summary: 'Say it again', answers: {} },
  handler: async (values, exchange) => exchange.respondJson(200, { route: path, values, query: exchange.rawQuery }),
});

async function serve(options: Partial<RouterOptions<PathRoute>> = {}): Promise<string> {
  const handle = createRouter({
    routes: [echo('GET', '/tools/{name}/{version}'), echo('PUT', '/tools/{name}/{version}'), echo('POST', '/gc')],
    formatFailure: formatOciFailure,
    baseHeaders: () => ['x-surface', 'tools'],
    answer: (route, values, exchange) => route.handler(values, exchange),
    ...options,
  });
  const server = createServer((req, res) => handle(new Exchange(req, res, SURROUNDINGS)));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the router of paths', () => {
  it.each([
    ['/tools/a%2Fb/1.0.0%2Bx', { name: 'a/b', version: '1.0.0+x' }],
    ['/tools/a/1.0.0+x', { name: 'a', version: '1.0.0+x' }],
    ['/tools/%252e/1', { name: '%2e', version: '1' }],
  ])('decodes the names in %s once, and leaves a plus a plus', async (path, values) => {
    expect((await request(await serve()).get(path)).body.values).toEqual(values);
  });

  it.each(['/tools/a/1/', '//tools///a/1', '//tools/a/1/?x=/&y=//'])('takes %s where it is lenient', async (path) => {
    const answer = await request(await serve({ slashes: 'lenient' })).get(path);
    expect(answer.body).toMatchObject({
      route: '/tools/{name}/{version}',
      values: { name: 'a', version: '1' },
      query: path.split('?')[1] ?? '',
    });
    expect(refusalOf(await request(await serve()).get(path))).toBe('404 UNSUPPORTED');
  });

  it('answers each of the requests that come together as the first', async () => {
    const url = await serve();
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((name) => request(url).put(`/tools/${name}/1`).send({ name })),
    );
    expect(answers.map(({ body }) => body.values.name)).toEqual(['a', 'b', 'c']);
  });

  it('refuses two routes that are one before anybody asks', () => {
    const routes = [echo('GET', '/tools/{name}'), echo('GET', '/tools/{name}')];
    const options = { routes, formatFailure: formatOciFailure, baseHeaders: () => [], answer: async () => undefined };
    expect(() => createRouter(options)).toThrow('/tools/{name} has two owners');
  });

  it('has its headers on answers and refusals alike', async () => {
    const url = await serve();
    for (const path of ['/tools/a/1', '/nowhere']) {
      expect((await request(url).get(path)).headers['x-surface']).toBe('tools');
    }
  });

  it('asks who comes before it tells that a path or a method is not known', async () => {
    const stranger = async (): Promise<never> => {
      throw new OciError('UNAUTHORIZED');
    };
    const url = await serve({ admitStray: stranger });
    expect(refusalOf(await request(url).get('/nowhere'))).toBe('401 UNAUTHORIZED');
    expect(refusalOf(await request(url).get('/gc'))).toBe('401 UNAUTHORIZED');
    expect((await request(url).post('/gc')).status).toBe(200);
  });

  it('tells whoever may know which methods there are', async () => {
    const answer = await request(await serve({ admitStray: async () => undefined })).delete('/tools/a/1');
    expect([refusalOf(answer), answer.headers['allow']]).toEqual(['405 UNSUPPORTED', 'GET, PUT, HEAD']);
  });
});
