import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createOutbound, type Outbound } from '../outbound/index.ts';
import { createBrowser } from '../testing/oidc/browser.ts';
import { openSimulatedGitHub, type SimulatedGitHub } from '../testing/oidc/github.ts';
import { createGitHubProvider, GITHUB_MEMBER_SCOPES, GITHUB_SCOPES } from './github.ts';
import { createAttempt } from './provider.ts';

const CAME_BACK_TO = 'http://registry.test/auth/callback/github';

describe('signing in through a simulated GitHub', () => {
  let github: SimulatedGitHub;
  let outbound: Outbound;
  beforeAll(async () => {
    github = await openSimulatedGitHub('the-id', 'the-secret');
    outbound = createOutbound({ allowedNetworks: ['127.0.0.1'], timeoutMs: 10_000, version: '7.8.9' });
  });
  afterAll(async () => {
    await outbound.close();
    await github.close();
  });
  beforeEach(() => {
    github.asked.length = 0;
    github.person = {
      id: 583_231,
      login: 'OctoCat',
      name: 'The Octocat',
      emails: [
        { email: 'old@example.com', primary: false, verified: true },
        { email: 'cat@Example.com', primary: true, verified: true },
      ],
      organizations: ['Acme', 'Other'],
      teams: ['Acme/Core', 'Other/Dev'],
    };
  });

  const provider = (scopes: readonly string[] = GITHUB_MEMBER_SCOPES, clientSecret = 'the-secret') =>
    createGitHubProvider(
      {
        name: 'github',
        authorizeUrl: `${github.url}/login/oauth/authorize`,
        tokenUrl: `${github.url}/login/oauth/access_token`,
        apiUrl: github.url,
        registration: { clientId: 'the-id', clientSecret, scopes },
        rules: {
          allowedGroups: [],
          requiredRoles: [],
          allowedOrganizations: [],
          allowedTeams: [],
          allowedUsers: [],
          allowedDomains: [],
          mappings: [],
        },
      },
      outbound,
    );
  async function comeBack(own = provider(), attempt = createAttempt(CAME_BACK_TO)) {
    const query = (await createBrowser().leave(await own.begin(attempt))).searchParams;
    return { own, attempt, query };
  }
  async function signIn(own?: ReturnType<typeof provider>) {
    const came = await comeBack(own);
    return came.own.finish(came.attempt, came.query);
  }
  const failing = (failure: string) => expect.objectContaining({ name: 'ProviderFailed', failure });

  it('says who somebody is by the number, and which organizations and teams they are in', async () => {
    expect(await signIn()).toEqual({
      provider: 'github',
      subject: '583231',
      wantedName: 'OctoCat',
      login: 'octocat',
      displayName: 'The Octocat',
      email: 'cat@Example.com',
      avatarUrl: 'https://avatars.test/583231',
      domains: ['example.com'],
      groups: [],
      organizations: ['acme', 'other'],
      teams: ['acme/core', 'other/dev'],
      roles: [],
    });
  });

  it('tells GitHub who asks, and gives the token to the API alone', async () => {
    await signIn();
    const inApi = github.asked.filter((line) => line.startsWith('/user'));
    expect(inApi).toHaveLength(4);
    for (const line of inApi) expect(line).toMatch(/ Bearer gho_\S+ Octoserve-Registry\/7\.8\.9$/);
    expect(github.asked.filter((line) => line.startsWith('/login/oauth/access_token'))).toEqual([
      '/login/oauth/access_token - Octoserve-Registry/7.8.9',
    ]);
  });

  it.each([
    [[]],
    [[{ email: 'cat@example.com', primary: true, verified: false }]],
    [[{ email: 'cat@example.com', primary: false, verified: true }]],
  ])('needs a primary address that is verified: %j', async (emails) => {
    github.person.emails = emails;
    await expect(signIn()).rejects.toThrow(failing('barred'));
  });

  it('sees memberships on later pages', async () => {
    github.person.teams = Array.from({ length: 205 }, (_, index) => `acme/team-${index}`);
    expect((await signIn()).teams).toContain('acme/team-204');
  });

  it('asks about no memberships where it was given no right to', async () => {
    expect(await signIn(provider(GITHUB_SCOPES))).toMatchObject({ organizations: [], teams: [] });
    expect(github.asked.some((line) => /orgs|teams/.test(line))).toBe(false);
  });

  it('takes a code once, with its state and verifier, from who has the secret', async () => {
    const { own, attempt, query } = await comeBack();
    await own.finish(attempt, query);
    await expect(own.finish(attempt, query)).rejects.toThrow(failing('refused'));
    for (const change of [{ state: 'x'.repeat(43) }, { verifier: 'x'.repeat(43) }]) {
      const came = await comeBack();
      await expect(came.own.finish({ ...came.attempt, ...change }, came.query)).rejects.toThrow(failing('refused'));
    }
    await expect(signIn(provider(GITHUB_SCOPES, 'wrong'))).rejects.toThrow(failing('refused'));
  });
});
