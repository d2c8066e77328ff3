import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { createOutbound, type Outbound } from '../outbound/index.ts';
import { createBrowser } from '../testing/oidc/browser.ts';
import { CLIENT_ID, CLIENT_SECRET, openOidcServer, type OidcServer } from '../testing/oidc/provider.ts';
import type { ExternalIdentity } from './mappings.ts';
import { createOidcProvider, type OidcSettings } from './oidc.ts';
import { createAttempt, type Attempt } from './provider.ts';

const CAME_BACK_TO = 'http://registry.test/auth/callback/own';
const NO_RULES = {
  allowedGroups: [],
  requiredRoles: [],
  allowedOrganizations: [],
  allowedTeams: [],
  allowedUsers: [],
  allowedDomains: [],
  mappings: [],
};

const without = (claims: JWTPayload, name: string): JWTPayload =>
  Object.fromEntries(Object.entries(claims).filter(([each]) => each !== name));

describe('signing in through OpenID Connect', () => {
  let server: OidcServer;
  let outbound: Outbound;
  beforeAll(async () => {
    server = await openOidcServer({ redirectUris: [CAME_BACK_TO] });
    outbound = createOutbound({ allowedNetworks: ['127.0.0.1'], timeoutMs: 10_000, version: '0' });
  });
  afterAll(async () => {
    await outbound.close();
    await server.close();
  });
  beforeEach(() => {
    server.tamper = undefined;
    server.person = 'ada';
    server.accounts.set('ada', {
      preferred_username: 'Ada',
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      email_verified: true,
      groups: ['dev', 'ops'],
    });
  });

  const provider = (more: Partial<OidcSettings> = {}) =>
    createOidcProvider(
      {
        name: 'own',
        kind: 'oidc',
        issuer: server.issuer,
        tenant: undefined,
        overrides: {},
        registration: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, scopes: ['openid', 'profile', 'email'] },
        algorithms: ['RS256'],
        toleranceSeconds: 60,
        claimNames: { userName: undefined, email: 'email', name: 'name', picture: 'picture', groups: 'groups' },
        rules: NO_RULES,
        ...more,
      },
      { outbound, clock: Date.now },
    );

  /** To the provider and back, as a browser goes. */
  async function comeBack(own = provider(), attempt = createAttempt(CAME_BACK_TO)) {
    const query = (await createBrowser().leave(await own.begin(attempt))).searchParams;
    return { own, attempt, query };
  }
  async function signIn(more?: Partial<OidcSettings>): Promise<ExternalIdentity> {
    const { own, attempt, query } = await comeBack(provider(more));
    return own.finish(attempt, query);
  }
  const refused = expect.objectContaining({ name: 'ProviderFailed', failure: 'refused' });
  const barred = expect.objectContaining({ name: 'ProviderFailed', failure: 'barred' });

  it('says who somebody is, and which groups they are in', async () => {
    expect(await signIn()).toEqual({
      provider: 'own',
      subject: 'ada',
      wantedName: 'Ada',
      login: undefined,
      displayName: 'Ada Lovelace',
      email: 'ada@example.com',
      avatarUrl: undefined,
      domains: ['example.com'],
      groups: ['dev', 'ops'],
      organizations: [],
      teams: [],
      roles: [],
    });
  });

  it('asks with state, nonce and PKCE, each of its own', async () => {
    const urls = await Promise.all([1, 2].map(() => provider().begin(createAttempt(CAME_BACK_TO))));
    const [first, second] = urls.map((url) => url.searchParams);
    expect([first?.get('code_challenge_method'), first?.get('response_type')]).toEqual(['S256', 'code']);
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(first?.get(name)).toMatch(/^[\w-]{43}$/);
      expect(first?.get(name)).not.toBe(second?.get(name));
    }
  });

  it('takes a code once', async () => {
    const { own, attempt, query } = await comeBack();
    await own.finish(attempt, query);
    await expect(own.finish(attempt, query)).rejects.toThrow(refused);
  });

  it.each<[string, (attempt: Attempt) => Attempt]>([
    ['state', (attempt) => ({ ...attempt, state: 'x'.repeat(43) })],
    ['nonce', (attempt) => ({ ...attempt, nonce: 'x'.repeat(43) })],
    ['verifier', (attempt) => ({ ...attempt, verifier: 'x'.repeat(43) })],
    ['address to come back to', (attempt) => ({ ...attempt, redirectUri: 'http://registry.test/other' })],
  ])('takes no answer to an attempt with another %s', async (_what, change) => {
    const { own, attempt, query } = await comeBack();
    await expect(own.finish(change(attempt), query)).rejects.toThrow(refused);
  });

  it('takes no for an answer', async () => {
    const { own, attempt } = await comeBack();
    const query = new URLSearchParams({ error: 'access_denied', state: attempt.state, iss: server.issuer });
    await expect(own.finish(attempt, query)).rejects.toThrow(refused);
  });

  it.each<[string, (claims: JWTPayload) => JWTPayload]>([
    ['for another client', (claims) => ({ ...claims, aud: 'somebody-else' })],
    ['of another issuer', (claims) => ({ ...claims, iss: 'http://127.0.0.1:1' })],
    ['of another attempt', (claims) => ({ ...claims, nonce: 'another' })],
    ['without the attempt', (claims) => without(claims, 'nonce')],
    ['that has ended', (claims) => ({ ...claims, iat: 1, exp: 1000 })],
    ['that never ends', (claims) => without(claims, 'exp')],
  ])('takes no ID token %s', async (_what, change) => {
    server.tamper = async (answer) => {
      const claims = decodeJwt(answer['id_token'] as string);
      return { ...answer, id_token: await server.sign(change(claims)) };
    };
    await expect(signIn()).rejects.toThrow(refused);
  });

  it('takes an ID token that its keys have signed, and no other', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    server.tamper = async (answer) => ({
      ...answer,
      id_token: await server.sign(decodeJwt(answer['id_token'] as string)),
    });
    expect((await signIn()).subject).toBe('ada');
    for (const header of [{ alg: 'RS256', kid: 'key-1' }, { alg: 'RS256', kid: 'another' }, { alg: 'RS256' }]) {
      server.tamper = async (answer) => ({
        ...answer,
        id_token: await new SignJWT(decodeJwt(answer['id_token'] as string))
          .setProtectedHeader(header)
          .sign(privateKey),
      });
      await expect(signIn()).rejects.toThrow(refused);
    }
    server.tamper = async (answer) => {
      const [, claims] = (answer['id_token'] as string).split('.');
      return { ...answer, id_token: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.` };
    };
    await expect(signIn()).rejects.toThrow(refused);
  });

  it('believes an address only where the provider does', async () => {
    server.accounts.set('ada', { email: 'ada@example.com', email_verified: false });
    expect(await signIn()).toMatchObject({ email: undefined, domains: [], wantedName: 'ada@example.com' });
  });

  it('at Google needs a verified address, in the domain of the organisation', async () => {
    server.accounts.set('ada', { email: 'ada@example.com', email_verified: true, hd: 'example.com' });
    expect((await signIn({ kind: 'google' })).domains).toEqual(['example.com']);
    for (const hd of [undefined, 'other.example']) {
      server.accounts.set('ada', { email: 'ada@example.com', email_verified: true, hd });
      expect((await signIn({ kind: 'google' })).domains).toEqual([]);
    }
    server.accounts.set('ada', { email: 'ada@example.com', email_verified: false, hd: 'example.com' });
    await expect(signIn({ kind: 'google' })).rejects.toThrow(barred);
  });

  it('at Azure needs the directory, and goes by the id there', async () => {
    const azure = { kind: 'azure', tenant: 'the-tenant' } as const;
    server.accounts.set('ada', { oid: 'the-object', tid: 'the-tenant', email: 'ada@x.example', groups: ['ABC'] });
    expect(await signIn(azure)).toMatchObject({ subject: 'the-object', groups: ['abc'], domains: [] });
    server.accounts.set('ada', { oid: 'the-object', tid: 'another-tenant' });
    await expect(signIn(azure)).rejects.toThrow(barred);
    server.accounts.set('ada', { tid: 'the-tenant' });
    await expect(signIn(azure)).rejects.toThrow(refused);
  });

  it('says that the provider is away where it is', async () => {
    const { own, attempt, query } = await comeBack();
    await server.stop();
    const away = expect.objectContaining({ name: 'ProviderFailed', failure: 'away' });
    await expect(own.finish(attempt, query)).rejects.toThrow(away);
    await expect(provider().begin(attempt)).rejects.toThrow(away);
    await server.start();
    expect((await own.finish(attempt, query)).subject).toBe('ada');
  });
});
