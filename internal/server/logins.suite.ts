import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { createBrowser } from '../testing/oidc/browser.ts';
import { useSignInRig, type Settings } from './sign-in-rig.suite.ts';

/** Browsers that go to a provider and come back, over a whole server. */
export function describeLogins(name: string, settings: Settings): void {
  describe(`signing in, with ${name}`, () => {
    const rig = useSignInRig(settings);

    describe('through a provider', () => {
      it.each(['/auth/login/own', '/auth/own'])('begins at %s and ends where it was to', async (start) => {
        const answer = await rig.enter(`${start}?redirect=/ui/repositories%3Fq%3Da`);
        expect([answer.status, answer.headers.get('location')]).toEqual([302, '/ui/repositories?q=a']);
        expect(await rig.whoami(rig.session())).toMatchObject({ username: 'ada' });
      });

      it('signs in at either path of the callback', async () => {
        const came = await rig.comeBack();
        expect(came.pathname).toBe('/auth/callback/own');
        came.pathname = '/auth/own/callback';
        // What the provider was told before has to be what it is told again, so the code is for the first path.
        expect((await rig.browser.get(came)).status).toBe(302);
        expect(await rig.whoami(rig.session())).toMatchObject({ username: 'ada' });
      });

      it('tells a program where to go, and gives it tokens', async () => {
        const begun = await rig.browser.get(rig.at('/auth/login/own'), { accept: 'application/json' });
        const { auth_url: url, state } = (await begun.json()) as { auth_url: string; state: string };
        expect([begun.status, new URL(url).searchParams.get('state')]).toEqual([200, state]);
        const ended = await rig.browser.get(await rig.browser.leave(url), { accept: 'application/json' });
        const given = (await ended.json()) as { token: string; user: object };
        expect(given).toMatchObject({ user: { username: 'ada' }, expires_in: 86_400, token_type: 'Bearer' });
        expect(await rig.whoami({ authorization: `Bearer ${given.token}` })).toMatchObject({ username: 'ada' });
      });

      it('shows the address in its page too, in double quotes', async () => {
        const begun = await rig.browser.get(rig.at('/auth/login/own'));
        const page = await begun.text();
        expect(page).toContain(`"${begun.headers.get('location')?.replaceAll('&', '&amp;')}"`);
        expect(begun.headers.get('content-security-policy')).toContain("default-src 'none'");
      });

      it('keeps its cookies to itself', async () => {
        const begun = await rig.browser.get(rig.at('/auth/login/own'));
        expect(begun.headers.getSetCookie()).toEqual([
          expect.stringMatching(/^octoserve_login_[0-9a-f]{16}=\S+; Path=\/auth; Max-Age=600; HttpOnly; SameSite=Lax$/),
        ]);
        const ended = await rig.enter();
        expect(ended.headers.getSetCookie()).toEqual([
          expect.stringMatching(/^octoserve_login_\w+=; Path=\/auth; Max-Age=0; HttpOnly; SameSite=Lax$/),
          expect.stringMatching(/^octoserve_session=octs_\S+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Lax$/),
        ]);
      });

      it('is 404 where there is no such provider', async () => {
        for (const path of ['/auth/login/none', '/auth/none', '/auth/callback/none', '/auth/none/callback']) {
          expect((await rig.browser.get(rig.at(path))).status).toBe(404);
        }
      });

      it.each([
        '//evil.example',
        '/\\evil.example',
        '/%2fevil.example',
        'https://evil.example',
        '/a%0d%0ab',
        '/.//evil',
      ])('does not set out to end at %s', async (target) => {
        const answer = await rig.browser.get(rig.at(`/auth/login/own?redirect=${encodeURIComponent(target)}`));
        expect([answer.status, answer.headers.getSetCookie()]).toEqual([400, []]);
      });

      it.each<[string, (url: URL) => void]>([
        ['another state', (url) => url.searchParams.set('state', 'x'.repeat(43))],
        ['no state', (url) => url.searchParams.delete('state')],
        ['an empty state', (url) => url.searchParams.set('state', '')],
        ['another code', (url) => url.searchParams.set('code', 'x')],
        ['no code', (url) => url.searchParams.delete('code')],
        ['another provider', (url) => void (url.pathname = '/auth/callback/strict')],
      ])('takes nobody who comes back with %s', async (_what, change) => {
        const url = await rig.comeBack();
        change(url);
        const answer = await rig.browser.get(url);
        expect(answer.status).toBe(400);
        expect(rig.browser.cookies(rig.server.url).has('octoserve_session')).toBe(false);
      });

      it('takes nobody who comes with the state of another browser', async () => {
        const url = await rig.comeBack();
        const victim = createBrowser();
        expect((await victim.get(url)).status).toBe(400);
        expect(victim.cookies(rig.server.url).size).toBe(0);
      });

      it('takes a state once, even with the cookie and another code', async () => {
        const url = await rig.comeBack();
        const kept = [...rig.browser.cookies(rig.server.url)].map(([each, value]) => `${each}=${value}`).join('; ');
        expect((await rig.browser.get(url)).status).toBe(302);
        expect((await fetch(url, { redirect: 'manual', headers: { cookie: kept } })).status).toBe(400);
        const another = await rig.comeBack();
        url.searchParams.set('code', another.searchParams.get('code') ?? '');
        expect((await fetch(url, { redirect: 'manual', headers: { cookie: kept } })).status).toBe(400);
      });

      it('takes nobody who was away for more than ten minutes', async () => {
        const url = await rig.comeBack();
        rig.clock.nowMs += 606_000;
        expect((await rig.browser.get(url)).status).toBe(400);
        rig.clock.nowMs = Date.now();
      });

      it('lets several logins of one browser go on side by side', async () => {
        const [first, second] = [await rig.comeBack(), await rig.comeBack()];
        expect([(await rig.browser.get(second)).status, (await rig.browser.get(first)).status]).toEqual([302, 302]);
      });

      it('says in words of ours that the provider said no', async () => {
        const came = await rig.comeBack();
        came.searchParams.delete('code');
        came.searchParams.set('error', 'access_denied');
        came.searchParams.set('error_description', '<script>alert(1)</script>');
        const answer = await rig.browser.get(came, { accept: 'text/html' });
        expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8']);
        expect(await answer.text()).not.toContain('script');
      });

      it('is 403 for whoever is not let in, and makes no user of them', async () => {
        rig.oidc.person = 'eve';
        rig.oidc.accounts.set('eve', { preferred_username: 'eve', groups: ['others'] });
        expect((await rig.enter('/auth/login/strict')).status).toBe(403);
        expect(await rig.server.built.catalog.queries.findUser('eve')).toBeUndefined();
        rig.oidc.accounts.set('eve', { preferred_username: 'eve', groups: ['others', 'chosen'] });
        expect((await rig.enter('/auth/login/strict')).status).toBe(302);
      });

      it('gives the role of the moment: groups are replaced at each login', async () => {
        rig.oidc.person = 'grace';
        const roles = async (groups: readonly string[]) => {
          rig.oidc.accounts.set('grace', { preferred_username: 'grace', groups });
          expect((await rig.enter()).status).toBe(302);
          return (await rig.whoami(rig.session())).roles;
        };
        expect(await roles(['admins', 'x'])).toEqual(['admin']);
        expect(await roles(['devs'])).toEqual(['writer']);
        expect(await roles([])).toEqual([]);
        expect((await rig.server.built.catalog.queries.findUser('grace'))?.groups).toEqual([]);
      });

      it('never makes somebody a user of ours with the same name or address', async () => {
        rig.oidc.person = 'impostor';
        rig.oidc.accounts.set('impostor', {
          preferred_username: 'alice',
          email: 'alice@example.com',
          email_verified: true,
        });
        expect((await rig.enter()).status).toBe(302);
        expect(await rig.whoami(rig.session())).toMatchObject({ username: 'alice-2', roles: [] });
        rig.github.person = { ...rig.github.person, id: 2, login: 'ada' };
        await rig.enter('/auth/login/own');
        expect((await rig.enter('/auth/login/github')).status).toBe(302);
        expect((await rig.whoami(rig.session())).username).toBe('ada-2');
      });

      it('tells the log what was wrong, without a word of what was sent', async () => {
        const url = await rig.comeBack();
        url.searchParams.set('code', 'a-secret-code');
        await rig.browser.get(url);
        const told = rig.server.logged.findLast(({ message }) => message === 'Signing in through a provider failed');
        expect(told?.fields).toEqual({ provider: 'own', reason: expect.stringContaining('(invalid_grant)') });
        expect(JSON.stringify(rig.server.logged)).not.toMatch(/a-secret-code|the secret of the client/);
      });

      it('keeps what the provider says only as far as it is fit to be shown', async () => {
        rig.oidc.person = 'odd';
        rig.oidc.accounts.set('odd', {
          preferred_username: '<script>alert(1)</script>',
          name: `Odd\u0000\r\n\u202eName ${'x'.repeat(1000)}`,
          picture: 'javascript:alert(1)',
        });
        expect((await rig.enter()).status).toBe(302);
        const { body } = await request(rig.server.url).get('/auth/user').set(rig.session());
        expect(body).toMatchObject({ username: 'script-alert-1-script', avatar_url: null });
        expect(body.name).toMatch(/^Odd {4}Name x+$/);
        expect(body.name).toHaveLength(254);
      });

      it('is 503 while the provider is away, and goes on when it is back', async () => {
        const url = await rig.comeBack();
        const fresh = await rig.comeBack();
        await rig.oidc.stop();
        expect((await rig.browser.get(url)).status).toBe(503);
        await rig.oidc.start();
        expect((await rig.browser.get(fresh)).status).toBe(302);
      });
    });

    describe('through a simulated GitHub', () => {
      it('tells of organizations and teams', async () => {
        expect((await rig.enter('/auth/github')).status).toBe(302);
        const get = async (path: string) =>
          (await request(rig.server.url).get(path).set(rig.session())).body as unknown;
        expect(await get('/auth/user')).toEqual({
          username: 'octocat',
          roles: [],
          scopes: [],
          id: '1',
          email: 'cat@example.com',
          name: 'Octo Cat',
          avatar_url: 'https://avatars.test/1',
          provider: 'github',
        });
        expect(await get('/auth/user/organizations')).toEqual(['acme']);
        expect(await get('/auth/user/teams')).toEqual(['acme/core']);
        expect(await get('/auth/user/repositories')).toEqual([]);
        expect((await rig.server.built.catalog.queries.findUser('octocat'))?.groups).toEqual([
          'github:acme',
          'github:acme/core',
        ]);
      });

      it('is 403 without a verified address, or outside the organization', async () => {
        rig.github.person.emails = [{ email: 'cat@example.com', primary: true, verified: false }];
        expect((await rig.enter('/auth/login/github')).status).toBe(403);
        rig.github.person.emails = [{ email: 'cat@example.com', primary: true, verified: true }];
        rig.github.person.organizations = ['other'];
        expect((await rig.enter('/auth/login/github')).status).toBe(403);
        expect(rig.browser.cookies(rig.server.url).has('octoserve_session')).toBe(false);
      });
    });
  });
}
