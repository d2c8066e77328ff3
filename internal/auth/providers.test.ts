import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../config/index.ts';
import type { Outbound } from '../outbound/index.ts';
import { createProviders, SignInInvalid } from './providers.ts';
import { createAttempt } from './provider.ts';
import { SIGN_IN_OPTIONS } from './sign-in-options.ts';

const TENANT = '11111111-2222-3333-4444-555555555555';
const asked: string[] = [];
/** Answers as any issuer that is asked to describe itself. */
const outbound: Outbound = {
  async request(url) {
    asked.push(url.href);
    const issuer = url.href.replace('/.well-known/openid-configuration', '');
    const document = { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` };
    return { url, status: 200, headers: new Map(), body: Buffer.from(JSON.stringify(document)) };
  },
  stream: () => Promise.reject(new Error('nothing is streamed')),
  close: async () => undefined,
};

async function providers(flags: Readonly<Record<string, string>>) {
  const { config } = await loadConfig({ tables: [SIGN_IN_OPTIONS], env: {}, flags, cwd: '/nowhere' });
  return createProviders({ config, outbound, clock: Date.now });
}
const begin = async (flags: Readonly<Record<string, string>>, name: string): Promise<URL> => {
  const url = await (await providers(flags)).get(name)?.begin(createAttempt('https://here/auth/callback/x'));
  if (!url) throw new Error(`no provider ${name}`);
  return url;
};
const problems = (flags: Readonly<Record<string, string>>) =>
  providers(flags).then(
    () => [],
    (thrown: unknown) => (thrown instanceof SignInInvalid ? thrown.problems : [String(thrown)]),
  );

describe('providers of the configuration', () => {
  it('are as many as have names, each of the kind that its name says', async () => {
    const flags = {
      'auth.oauth.azure_prod.client_id': 'a',
      'auth.oauth.azure_prod.tenant_id': TENANT,
      'auth.oauth.google.client_id': 'b',
      'auth.oauth.okta.client_id': 'c',
      'auth.oauth.okta.issuer': 'https://okta.example.com',
      'auth.oauth.github.client_id': 'd',
      'auth.oauth.github.client_secret': 's',
    };
    const urls = await Promise.all(
      [...(await providers(flags)).keys()].map(async (name) => [name, await begin(flags, name)]),
    );
    const origins = urls.map(([name, url]) => [name, (url as URL).origin + (url as URL).pathname]);
    expect(Object.fromEntries(origins)).toEqual({
      azure_prod: `https://login.microsoftonline.com/${TENANT}/v2.0/authorize`,
      google: 'https://accounts.google.com/authorize',
      okta: 'https://okta.example.com/authorize',
      github: 'https://github.com/login/oauth/authorize',
    });
  });

  it('are asked for what their rules need', async () => {
    const github = { 'auth.oauth.github.client_id': 'd', 'auth.oauth.github.client_secret': 's' };
    const scope = async (more: Record<string, string>) =>
      (await begin({ ...github, ...more }, 'github')).searchParams.get('scope');
    expect(await scope({})).toBe('read:user user:email');
    expect(await scope({ 'auth.oauth.github.allowed_organizations': 'acme' })).toBe('read:user user:email read:org');
    expect(await scope({ 'auth.oauth.github.team_mappings': 'acme/core=writer' })).toBe(
      'read:user user:email read:org',
    );
    expect(await scope({ 'auth.oauth.github.scopes': 'user' })).toBe('user');
  });

  it('with all their places configured are not asked about these', async () => {
    asked.length = 0;
    const flags = {
      'auth.oauth.own.client_id': 'a',
      'auth.oauth.own.issuer': 'https://idp.example.com',
      'auth.oauth.own.authorize_url': 'https://sso.example.com/a',
      'auth.oauth.own.token_url': 'https://sso.example.com/t',
      'auth.oauth.own.jwks_url': 'https://sso.example.com/k',
    };
    expect((await begin(flags, 'own')).href).toMatch(/^https:\/\/sso\.example\.com\/a\?/);
    expect(asked).toEqual([]);
  });

  it('are none where they are switched off', async () => {
    const okta = { 'auth.oauth.okta.client_id': 'c', 'auth.oauth.okta.issuer': 'https://okta.example.com' };
    expect((await providers({ ...okta, 'auth.oauth.enabled': 'false' })).size).toBe(0);
    expect((await providers({ ...okta, 'auth.oauth.okta.enabled': 'false' })).size).toBe(0);
    expect((await providers({})).size).toBe(0);
  });

  it('have rules in small letters where capitals mean nothing there', async () => {
    const flags = {
      'auth.oauth.github.client_id': 'd',
      'auth.oauth.github.client_secret': 's',
      'auth.oauth.github.allowed_teams': 'Acme/Core',
      'auth.oauth.github.team_mappings': 'Acme/Core=admin,Acme/Dev=read-write',
      'auth.oauth.okta.client_id': 'c',
      'auth.oauth.okta.issuer': 'https://okta.example.com',
      'auth.oauth.okta.allowed_groups': 'Admins',
      'auth.oauth.okta.allowed_domains': 'Example.COM',
    };
    const found = await providers(flags);
    expect(found.get('github')?.rules).toMatchObject({
      allowedTeams: ['acme/core'],
      mappings: [
        { group: 'acme/core', role: 'admin' },
        { group: 'acme/dev', role: 'writer' },
      ],
    });
    expect(found.get('okta')?.rules).toMatchObject({ allowedGroups: ['Admins'], allowedDomains: ['example.com'] });
  });

  it.each<[Record<string, string>, string]>([
    [{ 'auth.oauth.okta.issuer': 'https://okta' }, 'auth.oauth.okta needs auth.oauth.okta.client_id, which is not set'],
    [{ 'auth.oauth.okta.client_id': 'a' }, 'auth.oauth.okta needs auth.oauth.okta.issuer, which is not set'],
    [{ 'auth.oauth.azure.client_id': 'a' }, 'auth.oauth.azure needs auth.oauth.azure.tenant_id, which is not set'],
    [
      { 'auth.oauth.github.client_id': 'a' },
      'auth.oauth.github needs auth.oauth.github.client_secret, which is not set',
    ],
    [
      { 'auth.oauth.callback.client_id': 'a', 'auth.oauth.callback.issuer': 'https://okta' },
      'auth.oauth.callback needs another name: that one has a meaning of its own',
    ],
  ])('say what they lack: %j', async (flags, problem) => {
    expect(await problems(flags)).toEqual([problem]);
  });

  it.each<[Record<string, string>]>([
    [{ 'auth.oauth.azure.tenant_id': 'common' }],
    [{ 'auth.oauth.azure.tenant_id': 'contoso.com' }],
    [{ 'auth.oauth.okta.issuer': 'okta' }],
    [{ 'auth.oauth.okta.issuer': 'https://user:secret@okta' }],
    [{ 'auth.oauth.okta.algorithms': 'HS256' }],
    [{ 'auth.oauth.okta.algorithms': 'RS256,none' }],
    [{ 'auth.oauth.okta.group_mappings': 'admins' }],
  ])('are refused with what cannot be: %j', async (flags) => {
    await expect(providers(flags)).rejects.toThrow(/must/);
  });
});
