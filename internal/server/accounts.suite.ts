import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { addKey, basic, bearer, PASSWORD } from './auth-fixtures.suite.ts';
import { KNOWN_FOR_MS, useSignInRig, type Settings } from './sign-in-rig.suite.ts';

/** Accounts, and browsers that stay signed in, over a whole server. */
export function describeAccounts(name: string, settings: Settings): void {
  describe(`signing in, with ${name}`, () => {
    const rig = useSignInRig(settings);

    describe('a browser that is signed in', () => {
      it('is signed out by its logout, and stays so', async () => {
        await rig.enter();
        const stolen = rig.session();
        const answer = await rig.browser.get(rig.at('/auth/logout'));
        expect([answer.status, answer.headers.get('location')]).toEqual([302, '/login']);
        expect(rig.browser.cookies(rig.server.url).has('octoserve_session')).toBe(false);
        expect((await request(rig.server.url).get('/auth/whoami').set(stolen)).status).toBe(401);
      });

      it('is not signed out by a page of another site', async () => {
        await rig.enter();
        const cross = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
        expect(
          (
            await request(rig.server.url)
              .get('/auth/logout')
              .set({ ...rig.session(), ...cross })
          ).status,
        ).toBe(403);
        expect((await rig.post('/auth/logout').set({ ...rig.session(), ...cross })).status).toBe(403);
        expect(await rig.whoami(rig.session())).toMatchObject({ username: 'ada' });
      });

      it('changes nothing for a page of another site', async () => {
        await rig.post('/auth/login').send({ username: 'alice', password: PASSWORD, session: true }).expect(200);
        const signedIn = await rig.post('/auth/login').send({ username: 'alice', password: PASSWORD, session: true });
        const [line = ''] = signedIn.headers['set-cookie'] as unknown as string[];
        const cookie = line.split(';')[0] ?? '';
        const start = (headers: Record<string, string>) =>
          rig.post('/v2/alice/app/blobs/uploads/').set({ cookie, ...headers });
        expect((await start({ origin: 'https://evil.example' })).status).toBe(403);
        expect((await start({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
        expect((await start({ origin: rig.server.url })).status).toBe(202);
      });

      it('ends with the user, or with the password that it knew', async () => {
        const { catalog } = rig.server.built;
        rig.oidc.person = 'mallory';
        rig.oidc.accounts.set('mallory', { preferred_username: 'mallory' });
        await rig.enter();
        await catalog.run('updateUser', {
          by: { principal: 'user:root', address: '', requestId: '' },
          nowMs: rig.clock.nowMs,
          name: 'mallory',
          disabled: true,
        });
        const status = async () => (await request(rig.server.url).get('/auth/whoami').set(rig.session())).status;
        rig.clock.ticks += KNOWN_FOR_MS;
        expect(await status()).toBe(401);
        expect((await rig.enter()).status).toBe(403);
      });
    });

    describe.each(['/auth', '/v1/auth'])('an account under %s', (base) => {
      const login = (password = PASSWORD) => rig.post(`${base}/login`).send({ username: 'alice', password });

      it('gives tokens for a password', async () => {
        const { status, body } = await login();
        expect([status, body]).toEqual([
          200,
          {
            token: expect.any(String),
            access_token: body.token,
            refresh_token: expect.stringMatching(/^octr_/),
            token_type: 'Bearer',
            expires_in: 86_400,
            expires_at: expect.stringMatching(/^\d{4}-/),
            user: { username: 'alice', roles: ['writer'], scopes: ['repository:alice/**:pull,push'] },
          },
        ]);
        expect(await rig.whoami({ authorization: `Bearer ${body.token}` })).toEqual(body.user);
      });

      it('gives none for a wrong password, an absent user, or a body that is none', async () => {
        expect((await login('wrong')).status).toBe(401);
        expect((await rig.post(`${base}/login`).send({ username: 'nobody', password: PASSWORD })).status).toBe(401);
        for (const body of ['', '{', '[]', '{"username":"alice"}', '{"username":["alice"],"password":"x"}']) {
          const answer = await rig.post(`${base}/login`).set('content-type', 'application/json').send(body);
          expect([body, answer.status]).toEqual([body, 400]);
        }
      });

      it('gives none for what is no password: a token, however little it is good for, or a key', async () => {
        const { body } = await login();
        const scope = 'repository:alice/app:pull';
        const scoped = await bearer(rig.server, basic('alice'), scope);
        const key = await addKey(rig.server.built.catalog, `key-of${base.replaceAll('/', '-')}`, { owner: 'alice' });
        for (const secret of [body.token as string, scoped.replace('Bearer ', ''), key]) {
          expect((await login(secret)).status).toBe(401);
        }
        expect((await rig.post(`${base}/refresh`).set('authorization', scoped)).status).toBe(401);
        const fromDocker = await request(rig.server.url)
          .get(`/auth/token?service=octoserve&offline_token=true&scope=${scope}`)
          .set('authorization', basic('alice'));
        const refresh = { refresh_token: fromDocker.body.refresh_token as string };
        expect(refresh.refresh_token).toMatch(/^octr_/);
        expect((await rig.post(`${base}/refresh`).send(refresh)).status).toBe(401);
      });

      it('makes no users of its own accord', async () => {
        const made = await rig.post(`${base}/register`).send({ username: 'new', password: 'long enough' });
        expect(made.status).toBe(403);
        expect(await rig.server.built.catalog.queries.findUser('new')).toBeUndefined();
      });

      it('rotates its refresh token', async () => {
        const first = (await login()).body as { refresh_token: string };
        const refresh = (token: string) => rig.post(`${base}/refresh`).send({ refresh_token: token });
        const second = await refresh(first.refresh_token);
        expect([second.status, second.body.user.username]).toEqual([200, 'alice']);
        expect((await refresh(first.refresh_token)).status).toBe(401);
        expect((await refresh(second.body.refresh_token as string)).status).toBe(200);
        expect((await refresh('octr_x')).status).toBe(401);
        expect((await rig.post(`${base}/refresh`)).status).toBe(401);
      });

      it('renews a token that still holds', async () => {
        const { token } = (await login()).body as { token: string };
        const renewed = await rig.post(`${base}/refresh`).set('authorization', `Bearer ${token}`);
        expect([renewed.status, renewed.body.user.username]).toEqual([200, 'alice']);
        expect((await rig.post(`${base}/refresh`).set('authorization', 'Bearer x.y.z')).status).toBe(401);
      });

      it('is logged out for good', async () => {
        const { token, refresh_token: refresh } = (await login()).body as { token: string; refresh_token: string };
        const sent = { authorization: `Bearer ${token}` };
        const answer = await rig.post(`${base}/logout`).set(sent).send({ refresh_token: refresh });
        expect([answer.status, answer.body]).toEqual([200, { message: 'Logged out successfully' }]);
        for (const path of [`${base}/whoami`, '/auth/user', '/v2/']) {
          expect((await request(rig.server.url).get(path).set(sent)).status).toBe(401);
        }
        expect((await rig.post(`${base}/refresh`).set(sent)).status).toBe(401);
        expect((await rig.post(`${base}/refresh`).send({ refresh_token: refresh })).status).toBe(401);
        expect((await rig.post(`${base}/logout`).set('authorization', 'Bearer x.y.z')).status).toBe(401);
      });

      it('has nothing to tell other processes where nobody signed in, or out again', async () => {
        const { token } = (await login()).body as { token: string };
        const logout = (authorization: string) => rig.post(`${base}/logout`).set({ authorization });
        expect((await logout(`Bearer ${token}`)).status).toBe(200);
        const version = await rig.server.built.catalog.queries.authVersion();
        expect((await logout(`Bearer ${token}`)).status).toBe(200);
        expect((await logout(await bearer(rig.server, undefined))).status).toBe(200);
        expect(await rig.server.built.catalog.queries.authVersion()).toBe(version);
      });

      it('lists no repositories for a token that is not good for lists', async () => {
        const list = (authorization: string) =>
          request(rig.server.url).get('/auth/user/repositories').set({ authorization });
        expect((await list(await bearer(rig.server, basic('alice'), 'repository:alice/app:pull'))).status).toBe(401);
        expect((await list(await bearer(rig.server, basic('alice'), 'registry:catalog:*'))).status).toBe(200);
        expect((await list(basic('alice'))).status).toBe(200);
      });

      it('is nobody without a token', async () => {
        expect((await request(rig.server.url).get(`${base}/whoami`)).status).toBe(401);
      });
    });
  });
}
