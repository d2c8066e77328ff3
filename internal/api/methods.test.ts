import { beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { askRaw, type RawAnswer } from '../http/raw-client.suite.ts';
import { refusalOf } from '../http/refusal.suite.ts';
import { openServer, shareServer } from '../server/fixtures.suite.ts';
import { createSamples } from '../testing/images.ts';
import { createPusher } from '../testing/push.ts';
import { startUpload } from './client.suite.ts';

const samples = createSamples('methods');
const IMAGE = samples.image();
const ARTIFACT = samples.artifact({ subject: IMAGE.manifest });
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
const STRANGE = ['TRACE', 'PROPFIND', 'MKCOL', 'LOCK', 'SEARCH', 'M-SEARCH', 'LINK', 'PURGE', 'QUERY'];

/** The routes are data: what this file knows of them comes from there. */
async function readRoutes(): Promise<readonly { readonly path: string; readonly methods: readonly string[] }[]> {
  const server = await openServer();
  const byPath = Map.groupBy(server.built.api.routes, ({ path }) => path);
  await server.close();
  return [...byPath].map(([path, routes]) => {
    const methods = new Set<string>(routes.map(({ method }) => method));
    if (methods.has('GET')) methods.add('HEAD');
    return { path, methods: [...methods] };
  });
}
const ROUTES = await readRoutes();

describe('every route', () => {
  const server = shareServer();
  let upload = '';
  beforeAll(async () => {
    const push = createPusher(server.url);
    await push.image('a', IMAGE, 'latest');
    await push.image('a', ARTIFACT);
    upload = await startUpload(server, 'a');
  });

  /** A path of the route that is there. */
  const pathOf = (template: string): string =>
    ({
      '/v2/{name}/blobs/{digest}': `/v2/a/blobs/${IMAGE.blobs[0]!.digest}`,
      '/v2/{name}/referrers/{digest}': `/v2/a/referrers/${IMAGE.manifest.digest}`,
      '/v2/{name}/blobs/uploads/{uuid}': upload,
    })[template] ?? template.replace('{name}', 'a').replace('{reference}', 'latest');
  const ask = (method: string, path: string): Promise<RawAnswer> =>
    askRaw(server.port, `${method} ${path} HTTP/1.1`, ['Content-Length: 0']);
  const strip = ({ headers: { date: _date, ...headers } }: RawAnswer): object => headers;

  it('is known to this file', () => {
    expect(ROUTES.map(({ path }) => path)).toHaveLength(8);
    expect(ROUTES.flatMap(({ methods }) => methods).filter((method) => !METHODS.includes(method))).toEqual([]);
  });

  it.each(ROUTES)(
    '$path refuses every method but $methods with 405, and says which it allows',
    async ({ path, methods }) => {
      for (const method of [...METHODS, ...STRANGE].filter((each) => !methods.includes(each))) {
        const refused = await ask(method, pathOf(path));
        const refusal = method === 'HEAD' ? `${refused.status} UNSUPPORTED` : refusalOf(refused);
        expect([method, refusal]).toEqual([method, '405 UNSUPPORTED']);
        const allowed = refused.headers['allow']?.split(', ') ?? [];
        expect(allowed.toSorted()).toEqual([...methods, 'OPTIONS'].toSorted());
      }
    },
  );

  it.each(ROUTES.filter(({ methods }) => methods.includes('GET')))(
    '$path answers HEAD like GET, without a body',
    async ({ path }) => {
      const [get, head] = [await ask('GET', pathOf(path)), await ask('HEAD', pathOf(path))];
      expect(get.status).toBe(path.includes('{uuid}') ? 204 : 200);
      expect(head.status).toBe(get.status);
      expect(strip(head)).toEqual(strip(get));
      expect(head.body).toHaveLength(0);
      expect(Number(get.headers['content-length'] ?? 0)).toBe(get.body.length);
    },
  );

  it.each([
    '/v2/a/manifests/none',
    `/v2/a/blobs/sha256:${'0'.repeat(64)}`,
    '/v2/nobody/tags/list',
    '/v2/a/tags/list?n=-1',
    '/v2/A/tags/list',
    '/v2/nothing/here',
    '/v2/a/blobs/uploads/00000000-0000-4000-8000-000000000000',
  ])('refuses HEAD like GET, without a body: %s', async (path) => {
    const [get, head] = [await ask('GET', path), await ask('HEAD', path)];
    expect(refusalOf(get)).toMatch(/^4/);
    expect(head.status).toBe(get.status);
    expect(strip(head)).toEqual(strip(get));
    expect(head.body).toHaveLength(0);
  });

  it.each(ROUTES)('$path answers OPTIONS with the headers for other sites', async ({ path }) => {
    const answer = await ask('OPTIONS', pathOf(path));
    expect([answer.status, answer.body.length, answer.headers['content-length']]).toEqual([200, 0, '0']);
    expect(answer.headers).toMatchObject({
      'docker-distribution-api-version': 'registry/2.0',
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS',
    });
  });

  it('answers OPTIONS for any path below /v2', async () => {
    for (const path of ['/v2/nothing/here', '/v2/A', '/v2/%', '/v2/_catalog']) {
      expect((await ask('OPTIONS', path)).status).toBe(200);
    }
  });

  it('takes no method from a header', async () => {
    const answer = await askRaw(server.port, 'GET /v2/a/manifests/latest HTTP/1.1', [
      'X-HTTP-Method-Override: DELETE',
      'X-Method-Override: DELETE',
    ]);
    expect(answer.status).toBe(200);
    expect((await request(server.url).get('/v2/a/manifests/latest?_method=DELETE')).status).toBe(200);
    expect((await ask('GET', '/v2/a/manifests/latest')).status).toBe(200);
  });

  it('carries the headers of the specification, refused or not', async () => {
    for (const path of [
      ...ROUTES.map((route) => pathOf(route.path)),
      '/v2/A',
      '/v2/nothing/here',
      '/v2/a/manifests/none',
    ]) {
      const answer = await ask('GET', path);
      expect(answer.headers).toMatchObject({
        'docker-distribution-api-version': 'registry/2.0',
        'access-control-allow-origin': '*',
        'access-control-expose-headers':
          'Docker-Content-Digest, Location, Range, Link, OCI-Subject, OCI-Filters-Applied',
        'x-content-type-options': 'nosniff',
      });
      expect(answer.headers).not.toHaveProperty('x-powered-by');
    }
  });
});
