import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request, { type Response } from 'supertest';
import type { Method } from '../http/index.ts';
import { addUser, basic, plant } from '../server/auth-fixtures.suite.ts';
import { openServer, type TestServer } from '../server/fixtures.suite.ts';
import { createSamples } from '../testing/images.ts';
import type { FacadeRoute } from './index.ts';

/** What a test of a facade has to say of it. */
export interface FacadeCase {
  readonly name: string;
  /** A path that the template of a route stands for, with names that there may be. */
  readonly pathOf: (template: string) => string;
  /** A repository that is the facade's. */
  readonly repository: string;
  /** Whether a body is a failure in the facade's form. */
  readonly isFailure: (body: unknown) => boolean;
}

const SIGNED_IN = { 'auth.mode': 'basic', 'auth.limits.anonymous': '0', 'auth.limits.failures': '0' };
const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** What every facade keeps, whatever it serves. */
export function describeFacade({ name, pathOf, repository, isFailure }: FacadeCase): void {
  describe(`the facade ${name}`, () => {
    let server: TestServer;
    let routes: readonly FacadeRoute[];
    let prefixes: readonly string[];
    beforeAll(async () => {
      server = await openServer({ settings: SIGNED_IN });
      const mounted = server.built.facades.find((facade) => facade.name === name);
      if (!mounted) throw new Error(`${name} is not served where nothing was said of it`);
      ({ routes, prefixes } = mounted);
      await addUser(server.built.catalog, 'admin', [{ role: 'admin', pattern: '**' }]);
    });
    afterAll(() => server.close());

    const ask = async (method: string, path: string, headers: Record<string, string> = {}): Promise<Response> => {
      const asked = request(server.url)[method.toLowerCase() as 'get'](path).redirects(0);
      for (const [key, value] of Object.entries(headers)) void asked.set(key, value);
      return asked;
    };
    const asAdmin = { authorization: basic('admin') };

    it('has routes, all of them below its own paths, documented, and with a form of failures', () => {
      expect(routes.length).toBeGreaterThan(0);
      const homeless = routes.filter(
        ({ path }) => !prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`)),
      );
      expect(homeless.map(({ path }) => path)).toEqual([]);
      for (const { doc } of routes)
        expect(doc).toMatchObject({ summary: expect.any(String), refusal: expect.anything() });
    });

    it('tells a stranger nothing but to sign in, in its own form', async () => {
      for (const { method, path, visibility, isProbe } of routes) {
        if (visibility === 'open' || isProbe) continue;
        const answer = await ask(method, pathOf(path));
        expect([method, path, answer.status, isFailure(answer.body)]).toEqual([method, path, 401, true]);
      }
    });

    it('says on every answer which request it was, by the name that the client gave it', async () => {
      for (const { method, path } of routes) {
        const answer = await ask(method, pathOf(path), { 'X-Request-ID': 'mine' });
        expect([path, answer.headers['x-request-id']]).toEqual([path, 'mine']);
      }
    });

    it('answers HEAD wherever it answers GET, with the same status and no body', async () => {
      for (const { path } of routes.filter(({ method }) => method === 'GET')) {
        const [got, headed] = [await ask('GET', pathOf(path), asAdmin), await ask('HEAD', pathOf(path), asAdmin)];
        expect([path, headed.status, headed.text ?? '']).toEqual([path, got.status, '']);
      }
    });

    it('refuses methods that a path does not know by 405, and names those that it does', async () => {
      for (const [path, known] of Map.groupBy(routes, (route) => route.path)) {
        const names = known.map(({ method }) => method);
        const other = METHODS.find((method) => !names.includes(method));
        if (!other) throw new Error(`${path} knows all methods`);
        const answer = await ask(other, pathOf(path), asAdmin);
        expect([path, answer.status, isFailure(answer.body)]).toEqual([path, 405, true]);
        expect(answer.headers['allow']?.split(', ')).toEqual(expect.arrayContaining(names));
      }
    });

    it('takes a slash at the end, and slashes in a row, for nothing', async () => {
      for (const { path } of routes.filter(({ method }) => method === 'GET')) {
        const plain = await ask('GET', pathOf(path), asAdmin);
        for (const other of [`${pathOf(path)}/`, pathOf(path).replaceAll('/', '//')]) {
          expect([other, (await ask('GET', other, asAdmin)).status]).toEqual([other, plain.status]);
        }
      }
    });

    it('switched off, leaves nothing: no route, no metric, and repositories like any others', async () => {
      const off = await openServer({ settings: { [`facades.${name}.enabled`]: 'false' } });
      try {
        expect(off.built.facades.map((facade) => facade.name)).not.toContain(name);
        for (const { path } of routes) {
          expect([path, (await request(off.url).get(pathOf(path)).redirects(0)).status]).toEqual([path, 404]);
        }
        const samples = createSamples(`${name} off`);
        // The second moves the tag, which no door forbids.
        for (const image of [samples.image(), samples.image()])
          await plant(off.built.registry, repository, image, 'v1');
        expect((await request(off.url).get(`/v2/${repository}/tags/list`)).body.tags).toEqual(['v1']);
        expect((await request(off.url).get('/metrics')).text).not.toContain(`\n${name}_`);
      } finally {
        await off.close();
      }
    });
  });
}
