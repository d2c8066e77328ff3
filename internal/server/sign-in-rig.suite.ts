import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import request from 'supertest';
import { findFreePort } from '../testing/e2e/ports.ts';
import { createBrowser, type Browser } from '../testing/oidc/browser.ts';
import { openSimulatedGitHub, type SimulatedGitHub } from '../testing/oidc/github.ts';
import { CLIENT_ID, CLIENT_SECRET, openOidcServer, type OidcServer } from '../testing/oidc/provider.ts';
import { addUser } from './auth-fixtures.suite.ts';
import { openServer, type TestServer } from './fixtures.suite.ts';

const BASE = { 'auth.mode': 'token', 'outbound.allow_networks': '127.0.0.1' };

/** So long after a change every process knows of it with the next request. */
export const KNOWN_FOR_MS = 8000;

/** What further settings a server is to have, once it is known: the catalog that it is to use. */
export type Settings = () => Promise<Readonly<Record<string, string>>>;

/** A whole server with providers, a user `alice` and a rule for jobs, and a browser in front of it. */
export interface SignInRig {
  readonly server: TestServer;
  readonly oidc: OidcServer;
  readonly github: SimulatedGitHub;
  /** `ticks`: monotonic, as what is known is remembered for. */
  readonly clock: { nowMs: number; ticks: number };
  readonly browser: Browser;
  at(path: string): string;
  post(path: string): request.Test;
  whoami(headers: Readonly<Record<string, string>>): Promise<{ username?: string; roles?: string[] }>;
  /** To a provider and back to the door of ours, which is not entered yet. */
  comeBack(start?: string): Promise<URL>;
  enter(start?: string): Promise<Response>;
  /** What the browser sends to show who it is. */
  session(): Record<string, string>;
}

/** One for all tests of a `describe`; the browser, and who is at it, are new for each. */
export function useSignInRig(settings: Settings): SignInRig {
  let rig: SignInRig | undefined;
  const opened = (): SignInRig => {
    if (!rig) throw new Error('a rig is there while a test runs');
    return rig;
  };
  beforeAll(async () => {
    rig = await openRig(settings);
  });
  afterAll(async () => {
    const { server, oidc, github } = opened();
    await server.close();
    await oidc.close();
    await github.close();
  });
  beforeEach(() => {
    const { oidc, github } = opened();
    rig = { ...opened(), ...inFrontOf(opened().server) };
    oidc.person = 'ada';
    oidc.tamper = undefined;
    oidc.accounts.set('ada', { preferred_username: 'ada', email: 'ada@example.com', email_verified: true });
    github.person = {
      id: 1,
      login: 'octocat',
      name: 'Octo Cat',
      emails: [{ email: 'cat@example.com', primary: true, verified: true }],
      organizations: ['acme'],
      teams: ['acme/core'],
    };
  });
  return new Proxy({} as SignInRig, { get: (_target, name) => Reflect.get(opened(), name) as unknown });
}

function inFrontOf(server: TestServer): Omit<SignInRig, 'server' | 'oidc' | 'github' | 'clock'> {
  const browser = createBrowser();
  const at = (path: string): string => `${server.url}${path}`;
  const comeBack = async (start = '/auth/login/own'): Promise<URL> => browser.leave(await browser.leave(at(start)));
  return {
    browser,
    at,
    comeBack,
    post: (path) => request(server.url).post(path),
    whoami: async (headers) =>
      (await request(server.url).get('/auth/whoami').set(headers)).body as { username?: string; roles?: string[] },
    enter: async (start) => browser.get(await comeBack(start)),
    session: () => ({ cookie: `octoserve_session=${browser.cookies(server.url).get('octoserve_session') ?? ''}` }),
  };
}

async function openRig(settings: Settings): Promise<SignInRig> {
  const port = await findFreePort();
  const callbacks = ['/auth/callback/own', '/auth/own/callback', '/auth/callback/strict'];
  const redirectUris = callbacks.map((path) => `http://127.0.0.1:${port}${path}`);
  const oidc = await openOidcServer({ redirectUris });
  const github = await openSimulatedGitHub('gh-id', 'gh-secret');
  const clock = { nowMs: Date.now(), ticks: 0 };
  const idp = (provider: string) => ({
    [`auth.oauth.${provider}.issuer`]: oidc.issuer,
    [`auth.oauth.${provider}.client_id`]: CLIENT_ID,
    [`auth.oauth.${provider}.client_secret`]: CLIENT_SECRET,
  });
  const server = await openServer({
    clock: () => clock.nowMs,
    ticks: () => clock.ticks,
    port,
    settings: {
      ...BASE,
      ...idp('own'),
      'auth.oauth.own.group_mappings': 'admins=admin,devs=writer',
      ...idp('strict'),
      'auth.oauth.strict.allowed_groups': 'chosen',
      'auth.oauth.github.client_id': 'gh-id',
      'auth.oauth.github.client_secret': 'gh-secret',
      'auth.oauth.github.authorize_url': `${github.url}/login/oauth/authorize`,
      'auth.oauth.github.token_url': `${github.url}/login/oauth/access_token`,
      'auth.oauth.github.api_url': github.url,
      'auth.oauth.github.allowed_organizations': 'Acme',
      'auth.workload.deploy.issuer': oidc.issuer,
      'auth.workload.deploy.audience': 'the-registry',
      'auth.workload.deploy.claims': 'repository=acme/app,ref=refs/heads/main',
      'auth.workload.deploy.repositories': 'acme/*',
      ...(await settings()),
    },
  });
  await addUser(server.built.catalog, 'alice', [{ role: 'writer', pattern: 'alice/**' }]);
  return { server, oidc, github, clock, ...inFrontOf(server) };
}
