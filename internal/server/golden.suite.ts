import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request, { type Response } from 'supertest';
import { addKey, addUser, basic, bearer, PASSWORD } from './auth-fixtures.suite.ts';
import { openServer, type TestServer } from './fixtures.suite.ts';
import { ASKED_ROUTES, askOf, fill, repositoryFor, takesWholeTokens, type Stage } from './golden-requests.suite.ts';

type Mode = 'basic' | 'token';
type Route = Pick<TestServer['built']['api']['routes'][number], 'method' | 'path' | 'visibility'>;

/** Who asks, in the order of the columns. */
const PEOPLE = ['anonymous', 'other', 'reader', 'writer', 'maintainer', 'admin', 'expired', 'revoked'] as const;
type Person = (typeof PEOPLE)[number];
const PLACES = ['public', 'private', 'absent'] as const;
type Place = (typeof PLACES)[number] | '-';

/** Codes by the letter that stands for them behind a status; none of them is the usual one of its status. */
const LETTERS: Readonly<Record<string, string>> = {
  MANIFEST_UNKNOWN: 'm',
  BLOB_UNKNOWN: 'b',
  UNSUPPORTED: 'u',
};
const USUAL: Readonly<Record<number, string>> = { 401: 'UNAUTHORIZED', 403: 'DENIED', 404: 'NAME_UNKNOWN' };

/** `200`, `401`, `404m`: the status, and what the code is where that is not told by it. */
function cellOf({ status, body, text }: Response): string {
  if (status < 400 || !text) return String(status);
  const errors = (body as { errors?: readonly { code: string }[] } | undefined)?.errors;
  if (!errors) return String(status); // in the words of a facade
  const code = errors[0]?.code ?? 'none';
  if (USUAL[status] === code) return String(status);
  const letter = LETTERS[code];
  if (letter === undefined) throw new Error(`the table has no letter for ${status} ${code}`);
  return `${status}${letter}`;
}

/** The rows of a mode in the table, by route and place. */
function readTable(mode: Mode): ReadonlyMap<string, readonly string[]> {
  const rows = new Map<string, readonly string[]>();
  let [section, route] = ['', ''];
  for (const line of readFileSync(join(import.meta.dirname, 'golden.txt'), 'utf8').split('\n')) {
    if (line.startsWith('## ')) section = line.slice(3);
    const [, named, place = '', cells] = /^((?:[A-Z]+ \/\S*)?)\s+(public|private|absent|-)\s+(\S.*)$/.exec(line) ?? [];
    if (cells === undefined || !section.includes(mode)) continue;
    route = named || route;
    if (rows.has(`${route} ${place}`)) throw new Error(`the table has two rows for ${route} ${place}`);
    rows.set(`${route} ${place}`, cells.split(/\s+/));
  }
  return rows;
}

const ROLES: Readonly<Partial<Record<Person, string>>> = {
  reader: 'reader',
  writer: 'writer',
  maintainer: 'maintainer',
};
const REVOKED_WITHIN_MS = 10_000;
const DAYS_MS = 40 * 24 * 60 * 60 * 1000;

/** Every route, asked by everybody, gives what `golden.txt` says; on the catalog that the settings name. */
export function describeGolden(name: string, settings: () => Promise<Readonly<Record<string, string>>>): void {
  describe.each(['basic', 'token'] as const)(`access with auth.mode %s, on ${name}`, (mode) => {
    const clock = { nowMs: Date.UTC(2026, 0, 1), ticksMs: 0 };
    const table = readTable(mode);
    let server: TestServer;
    let made = 0;
    /** Of those whose credentials are spent. */
    const spent = new Map<Person, string>();

    beforeAll(async () => {
      const limits = { 'auth.limits.failures': '0', 'auth.limits.anonymous': '0' };
      const auth = {
        'auth.mode': mode,
        'auth.anonymous': 'public/**,*/public/**,cola/public-*/**,cola/public-*',
        'registry.upload_expiry': '9999h',
      };
      server = await openServer({
        clock: () => clock.nowMs,
        ticks: () => clock.ticksMs,
        settings: { ...auth, ...limits, ...(await settings()) },
      });
      const { catalog } = server.built;
      await addUser(catalog, 'admin', [{ role: 'admin', pattern: '**' }]);
      await addUser(catalog, 'other');
      for (const person of ['reader', 'writer', 'maintainer', 'expired', 'revoked'] as const) {
        const role = ROLES[person] ?? 'maintainer';
        const patterns = ['public', 'private'].flatMap((place) => [`${place}/**`, `*/${place}/**`]);
        const ofCola = ['public', 'private'].flatMap((place) => [`cola/${place}-*`, `cola/${place}-*/**`]);
        const roles = [...patterns, ...ofCola].map((pattern) => ({ role, pattern }));
        await addUser(catalog, person, roles);
      }
      clock.ticksMs += REVOKED_WITHIN_MS; // what a server remembers of who may what is old by now
      await spendCredentials();
    }, 60_000);
    afterAll(() => server.close());

    async function spendCredentials(): Promise<void> {
      if (mode === 'token') {
        for (const person of ['expired', 'revoked'] as const) spent.set(person, await login(person));
        await put('/admin/users/revoked', { disabled: true });
        clock.nowMs += DAYS_MS;
        return;
      }
      const access = { repositories: ['**'], actions: ['pull', 'push', 'create', 'update', 'delete'] };
      const key = await addKey(server.built.catalog, 'expired', { ...access, expiresMs: clock.nowMs - 1 });
      spent.set('expired', basic('expired', key));
      spent.set('revoked', basic('revoked'));
      await put('/admin/users/revoked', { disabled: true });
    }

    async function put(path: string, body: object): Promise<void> {
      await request(server.url).put(path).set('Authorization', basic('admin')).send(body).expect(200);
    }

    /** A token for everything that its principal may. */
    async function login(username: string): Promise<string> {
      const answer = await request(server.url).post('/auth/login').send({ username, password: PASSWORD }).expect(200);
      return `Bearer ${(answer.body as { readonly token: string }).token}`;
    }

    /** What they send: as docker does with `token`, a token for the repository alone. */
    async function authorizationOf(person: Person, route: Route, repository: string): Promise<string | undefined> {
      if (person === 'anonymous') return undefined;
      const kept = spent.get(person);
      if (kept !== undefined) return kept;
      if (mode === 'basic') return basic(person);
      if (route.path === '/v2/_catalog') return bearer(server, basic(person), 'registry:catalog:*');
      if (route.visibility !== 'repository' || takesWholeTokens(route)) return login(person);
      return bearer(server, basic(person), `repository:${repository}:pull,push,delete`);
    }

    async function ask(route: Route, person: Person, place: Place): Promise<string> {
      const inside = place === 'public' ? 'public' : 'private';
      const repository = repositoryFor(route, inside, ++made);
      const isThere = place !== 'absent';
      const principal = person === 'anonymous' ? person : `user:${person}`;
      const stage: Stage = { built: server.built, repository, isThere, principal };
      await fill(stage);
      const { path, type, body } = await askOf(route, stage);
      const asked = request(server.url)[route.method.toLowerCase() as 'get'](path).redirects(0);
      const authorization = await authorizationOf(person, route, repository);
      if (authorization !== undefined) void asked.set('Authorization', authorization);
      void asked.set('Content-Type', type ?? 'application/octet-stream');
      const answer = await (body === undefined ? asked : asked.send(body));
      return cellOf(answer);
    }

    async function rowOf(route: Route, place: Place): Promise<readonly string[]> {
      const cells = [];
      for (const person of PEOPLE) cells.push(await ask(route, person, place));
      return cells;
    }

    const placesOf = ({ visibility }: Route): readonly Place[] => (visibility === 'repository' ? PLACES : ['-']);
    const routes = (): readonly Route[] => [
      ...server.built.api.routes,
      ...server.built.admin.routes,
      ...server.built.facadeRoutes,
    ];

    it('has a row for each route and place, and no other', () => {
      const wanted = routes().flatMap((route) =>
        placesOf(route).map((place) => `${route.method} ${route.path} ${place}`),
      );
      expect([...table.keys()].toSorted()).toEqual(wanted.toSorted());
    });

    it('makes requests for routes that there are', () => {
      const known = new Set(routes().map(({ method, path }) => `${method} ${path}`));
      expect(ASKED_ROUTES.filter((route) => !known.has(route))).toEqual([]);
    });

    it('is what the table says', async () => {
      const found = new Map<string, string>();
      const wanted = new Map<string, string>();
      for (const route of routes()) {
        for (const place of placesOf(route)) {
          const row = `${route.method} ${route.path} ${place}`;
          found.set(row, (await rowOf(route, place)).join(' '));
          wanted.set(row, (table.get(row) ?? []).join(' '));
        }
      }
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted));
    }, 240_000);
  });
}
