import type { Outbound } from '../outbound/index.ts';
import type { ExternalIdentity, ProviderRules } from './mappings.ts';
import { createOAuthClient, translating, type Registration } from './oauth-client.ts';
import { ProviderFailed, type Provider } from './provider.ts';

export interface GitHubSettings {
  readonly name: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  /** Without a slash at its end. */
  readonly apiUrl: string;
  readonly registration: Registration;
  readonly rules: ProviderRules;
}

export const GITHUB = {
  authorizeUrl: 'https://github.com/login/oauth/authorize',
  tokenUrl: 'https://github.com/login/oauth/access_token',
  apiUrl: 'https://api.github.com',
} as const;

/** What the scopes have to be, where organizations or teams are asked about, too. */
export const GITHUB_SCOPES = ['read:user', 'user:email'] as const;
export const GITHUB_MEMBER_SCOPES = [...GITHUB_SCOPES, 'read:org'] as const;

const PER_PAGE = 100;
const MOST_PAGES = 20;

type Json = Readonly<Record<string, unknown>>;

/** GitHub, or an Enterprise Server: OAuth 2, and its API for who somebody is. */
export function createGitHubProvider(settings: GitHubSettings, outbound: Outbound): Provider {
  const { name, authorizeUrl, tokenUrl, registration, rules } = settings;
  const metadata = {
    issuer: new URL(authorizeUrl).origin,
    authorization_endpoint: authorizeUrl,
    token_endpoint: tokenUrl,
    token_endpoint_auth_methods_supported: ['client_secret_post'],
  };
  const client = createOAuthClient({ metadata: async () => metadata, registration, toleranceSeconds: 0, outbound });
  const seesMembers = registration.scopes.includes('read:org');
  return {
    name,
    rules,
    begin: (attempt) => client.begin(attempt),
    finish: (attempt, query) =>
      translating(async () => {
        const { accessToken } = await client.redeem(attempt, query, false);
        const api = createApi(settings.apiUrl, accessToken, outbound);
        const [user, addresses, organizations, teams] = await Promise.all([
          api.one('/user'),
          api.all('/user/emails'),
          seesMembers ? api.all('/user/orgs') : [],
          seesMembers ? api.all('/user/teams') : [],
        ]);
        return identityOf(name, { user, addresses, organizations, teams });
      }),
  };
}

function createApi(apiUrl: string, token: string, outbound: Outbound) {
  const base = new URL(apiUrl);
  async function get(path: string): Promise<unknown> {
    const answer = await outbound.request(new URL(`${apiUrl}${path}`), {
      headers: { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' },
      credentials: { origin: base.origin, authorization: `Bearer ${token}` },
    });
    if (answer.status !== 200) {
      throw new ProviderFailed(answer.status >= 500 ? 'away' : 'refused', `${path} answers ${answer.status}`);
    }
    return JSON.parse(Buffer.from(answer.body).toString()) as unknown;
  }
  return {
    async one(path: string): Promise<Json> {
      return asObject(await get(path));
    },
    /** All pages: membership that is on the second one counts as well. */
    async all(path: string): Promise<readonly Json[]> {
      const found: Json[] = [];
      for (let page = 1; page <= MOST_PAGES; page += 1) {
        const entries = await get(`${path}?per_page=${PER_PAGE}&page=${page}`);
        if (!Array.isArray(entries)) throw new ProviderFailed('refused', `${path} is no list`);
        found.push(...entries.map(asObject));
        if (entries.length < PER_PAGE) break;
      }
      return found;
    },
  };
}

const asObject = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const textIn = (object: Json, name: string): string | undefined => {
  const value = object[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

interface Answers {
  readonly user: Json;
  readonly addresses: readonly Json[];
  readonly organizations: readonly Json[];
  readonly teams: readonly Json[];
}

/** GitHub does not tell capitals in names apart; the number of a user is what nobody else ever gets. */
function identityOf(provider: string, { user, addresses, organizations, teams }: Answers): ExternalIdentity {
  const login = textIn(user, 'login');
  const id = user['id'];
  if (login === undefined || typeof id !== 'number')
    throw new ProviderFailed('refused', 'GitHub does not say who it is');
  const primary = addresses.find(({ primary: isPrimary, verified }) => isPrimary === true && verified === true);
  const email = primary && textIn(primary, 'email');
  if (email === undefined) throw new ProviderFailed('barred', 'the primary address is not verified');
  return {
    provider,
    subject: String(id),
    wantedName: login,
    login: login.toLowerCase(),
    displayName: textIn(user, 'name') ?? login,
    email,
    avatarUrl: textIn(user, 'avatar_url'),
    domains: [email.slice(email.lastIndexOf('@') + 1).toLowerCase()],
    groups: [],
    organizations: organizations.flatMap((each) => textIn(each, 'login')?.toLowerCase() ?? []),
    teams: teams.flatMap((each) => {
      const organization = textIn(asObject(each['organization']), 'login');
      const slug = textIn(each, 'slug');
      return organization === undefined || slug === undefined ? [] : `${organization}/${slug}`.toLowerCase();
    }),
    roles: [],
  };
}
