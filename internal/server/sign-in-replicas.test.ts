import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { createBrowser } from '../testing/oidc/browser.ts';
import { CLIENT_ID, CLIENT_SECRET, openOidcServer, type OidcServer } from '../testing/oidc/provider.ts';
import { openPostgres, type PostgresServer } from '../testing/postgres.ts';
import { addUser, BY, PASSWORD } from './auth-fixtures.suite.ts';
import { openServer, type TestServer } from './fixtures.suite.ts';
import { KNOWN_FOR_MS } from './sign-in-rig.suite.ts';

jest.setTimeout(60_000);

const PUBLIC = 'http://registry.test';

describe('signing in at one of two replicas', () => {
  let postgres: PostgresServer;
  let oidc: OidcServer;
  let one: TestServer;
  let other: TestServer;
  let ticks = 0;
  beforeAll(async () => {
    postgres = await openPostgres();
    oidc = await openOidcServer({ redirectUris: [`${PUBLIC}/auth/callback/own`] });
    const settings = {
      'auth.mode': 'token',
      'auth.allow_registration': 'true',
      'server.public_url': PUBLIC,
      'outbound.allow_networks': '127.0.0.1',
      'catalog.type': 'postgres',
      'catalog.url': await postgres.createDatabase(),
      'auth.oauth.own.issuer': oidc.issuer,
      'auth.oauth.own.client_id': CLIENT_ID,
      'auth.oauth.own.client_secret': CLIENT_SECRET,
    };
    one = await openServer({ settings, ticks: () => ticks });
    other = await openServer({ settings, ticks: () => ticks });
    await addUser(one.built.catalog, 'alice', [{ role: 'writer', pattern: 'alice/**' }]);
    oidc.person = 'ada';
    oidc.accounts.set('ada', { preferred_username: 'ada' });
  });
  afterAll(async () => {
    await Promise.all([one.close(), other.close()]);
    await oidc.close();
    await postgres.close();
  });

  const whoami = async (server: TestServer, headers: Record<string, string>): Promise<number> =>
    (await request(server.url).get('/auth/whoami').set(headers)).status;

  /** Sets out at one replica; what the browser holds, and the way back to the other. */
  async function depart(): Promise<{ cookie: string; path: string }> {
    const begun = await fetch(`${one.url}/auth/login/own`, { redirect: 'manual' });
    const [line = ''] = begun.headers.getSetCookie();
    const back = await createBrowser().leave(begun.headers.get('location') ?? '');
    return { cookie: line.split(';')[0] ?? '', path: `${back.pathname}${back.search}` };
  }
  const arrive = (server: TestServer, { cookie, path }: { cookie: string; path: string }) =>
    fetch(`${server.url}${path}`, { redirect: 'manual', headers: { cookie } });

  it('ends at the other, once', async () => {
    const departed = await depart();
    const arrived = await arrive(other, departed);
    expect(arrived.status).toBe(302);
    expect([(await arrive(one, departed)).status, (await arrive(other, departed)).status]).toEqual([400, 400]);
    const session = arrived.headers.getSetCookie().find((line) => line.startsWith('octoserve_session=')) ?? '';
    const cookie = session.split(';')[0] ?? '';
    expect([await whoami(one, { cookie }), await whoami(other, { cookie })]).toEqual([200, 200]);
    expect((await fetch(`${one.url}/auth/logout`, { redirect: 'manual', headers: { cookie } })).status).toBe(302);
    expect(await whoami(one, { cookie })).toBe(401);
    ticks += KNOWN_FOR_MS;
    expect(await whoami(other, { cookie })).toBe(401);
  });

  it('gives tokens that the other takes, until they are given back at either', async () => {
    const given = await request(one.url).post('/auth/login').send({ username: 'alice', password: PASSWORD });
    const { token, refresh_token: refreshToken } = given.body as { token: string; refresh_token: string };
    const bearer = { authorization: `Bearer ${token}` };
    expect(await whoami(other, bearer)).toBe(200);
    await request(one.url).post('/auth/logout').set(bearer).send({ refresh_token: refreshToken }).expect(200);
    expect(await whoami(one, bearer)).toBe(401);
    ticks += KNOWN_FOR_MS;
    expect(await whoami(other, bearer)).toBe(401);
    await request(other.url).post('/auth/refresh').send({ refresh_token: refreshToken }).expect(401);
  });

  it('takes the token of a job at one of them, by a rule that either was given, and while there is that rule', async () => {
    const document = JSON.stringify({
      issuer: oidc.issuer,
      audience: 'here',
      claims: ['repository=acme/app'],
      repositories: ['acme/*'],
    });
    await one.built.catalog.run('putWorkloadRule', { ...BY, name: 'ci', document });
    const nowS = Math.floor(Date.now() / 1000);
    const tokenOf = (jti: string) =>
      oidc.sign({ sub: 'job', aud: 'here', repository: 'acme/app', iat: nowS, exp: nowS + 300, jti });
    const exchange = async (server: TestServer, token: string) =>
      request(server.url).post('/auth/exchange').send({ token });

    ticks += KNOWN_FOR_MS;
    const token = await tokenOf('once');
    const answers = await Promise.all([exchange(one, token), exchange(other, token)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401]);

    const { body } = await exchange(one, await tokenOf('last'));
    const bearer = { authorization: `Bearer ${(body as { token: string }).token}` };
    expect([await whoami(one, bearer), await whoami(other, bearer)]).toEqual([200, 200]);
    await one.built.catalog.run('deleteWorkloadRule', { ...BY, name: 'ci' });
    ticks += KNOWN_FOR_MS;
    expect([await whoami(one, bearer), await whoami(other, bearer)]).toEqual([401, 401]);
  });

  it('makes a user of one’s own once, where that is allowed', async () => {
    const register = (server: TestServer, body: object) => request(server.url).post('/auth/register').send(body);
    const user = { username: 'new', password: 'long enough', email: 'new@example.com' };
    const made = await Promise.all([register(one, user), register(other, user)]);
    expect(made.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
    const given = made.find(({ status }) => status === 201)?.body as { token: string; user: object };
    expect(given.user).toEqual({ username: 'new', roles: [], scopes: [] });
    expect(await whoami(other, { authorization: `Bearer ${given.token}` })).toBe(200);
    expect((await register(one, { ...user, username: 'alice' })).status).toBe(409);
    for (const wrong of [
      { password: 'short12' },
      { username: '' },
      { username: 'a:b' },
      { username: '../x' },
      { email: 'x' },
    ]) {
      expect([wrong, (await register(one, { ...user, username: 'another', ...wrong })).status]).toEqual([wrong, 400]);
    }
  });

  it('makes nobody a user whom rights wait for', async () => {
    const binding = { subject: 'user:awaited', role: 'admin', pattern: '**', known: ['admin'] };
    await one.built.catalog.run('putBinding', { ...BY, ...binding });
    const asked = { username: 'awaited', password: 'long enough' };
    expect((await request(other.url).post('/auth/register').send(asked)).status).toBe(409);
  });
});
