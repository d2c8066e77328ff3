import { namesIn } from '../config/index.ts';
import type { Outbound } from '../outbound/index.ts';
import { parseMapping, type ProviderRules } from './mappings.ts';
import type { Registration } from './oauth-client.ts';
import type { OidcDeps, OidcKind } from './oidc.ts';
import type { Provider } from './provider.ts';
import type { SignInConfig } from './sign-in-options.ts';

/** What stands at the place of a provider's name in the paths below `/auth`, or is a source of groups itself. */
const RESERVED = new Set([
  ...['login', 'logout', 'register', 'refresh', 'whoami', 'token', 'user', 'callback', 'exchange', 'invitation'],
  ...['keys', 'jwks', 'session', 'sessions', 'providers', 'local'],
]);
const OIDC_SCOPES = ['openid', 'profile', 'email'];
const GOOGLE_ISSUER = 'https://accounts.google.com';

/** What is wrong with the configuration of sign-in, a sentence each. */
export class SignInInvalid extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.name = 'SignInInvalid';
    this.problems = problems;
  }
}

export interface ProvidersDeps {
  readonly config: SignInConfig;
  readonly outbound: Outbound;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly onUnavailable?: OidcDeps['onUnavailable'];
}

type Kind = OidcKind | 'github';

/** What is wrong with the providers that the configuration names, a sentence each. */
export function providerProblems(config: SignInConfig): readonly string[] {
  return enabledNames(config).flatMap((name) => {
    const kind = kindOf(name, config);
    const lacks = (key: 'client_id' | 'client_secret' | 'tenant_id' | 'issuer'): boolean =>
      config[`auth.oauth.${name}.${key}`] === undefined;
    const needed = {
      client_id: true,
      client_secret: kind === 'github',
      tenant_id: kind === 'azure',
      issuer: kind === 'oidc',
    };
    const missing = (['client_id', 'client_secret', 'tenant_id', 'issuer'] as const).filter(
      (key) => needed[key] && lacks(key),
    );
    return [
      ...(RESERVED.has(name) ? [`auth.oauth.${name} needs another name: that one has a meaning of its own`] : []),
      ...missing.map((key) => `auth.oauth.${name} needs auth.oauth.${name}.${key}, which is not set`),
    ];
  });
}

/** The providers that the configuration names, by their names. Throws SignInInvalid with all that is wrong. */
export async function createProviders(deps: ProvidersDeps): Promise<ReadonlyMap<string, Provider>> {
  const problems = providerProblems(deps.config);
  if (problems.length > 0) throw new SignInInvalid(problems);
  const providers = new Map<string, Provider>();
  for (const name of enabledNames(deps.config)) {
    const create = kindOf(name, deps.config) === 'github' ? createGitHub : createOidc;
    providers.set(name, await create(name, deps));
  }
  return providers;
}

const enabledNames = (config: SignInConfig): readonly string[] =>
  config['auth.oauth.enabled']
    ? namesIn(config, 'auth.oauth').filter((name) => config[`auth.oauth.${name}.enabled`] !== false)
    : [];

function kindOf(name: string, config: SignInConfig): Kind {
  const kinds = ['azure', 'github', 'google'] as const;
  return (
    config[`auth.oauth.${name}.kind`] ?? kinds.find((kind) => new RegExp(`^${kind}(?:[_-]|$)`).test(name)) ?? 'oidc'
  );
}

function registrationOf(name: string, config: SignInConfig, usual: readonly string[]): Registration {
  const scopes = config[`auth.oauth.${name}.scopes`] ?? [];
  return {
    clientId: config[`auth.oauth.${name}.client_id`] ?? '',
    clientSecret: config[`auth.oauth.${name}.client_secret`],
    scopes: scopes.length > 0 ? scopes : usual,
  };
}

async function createGitHub(name: string, { config, outbound }: ProvidersDeps): Promise<Provider> {
  const { createGitHubProvider, GITHUB, GITHUB_MEMBER_SCOPES, GITHUB_SCOPES } = await import('./github.ts');
  const rules = rulesOf(name, 'github', config);
  const asksMembers = [rules.allowedOrganizations, rules.allowedTeams, rules.mappings].some(({ length }) => length > 0);
  const settings = {
    name,
    rules,
    authorizeUrl: config[`auth.oauth.${name}.authorize_url`] ?? GITHUB.authorizeUrl,
    tokenUrl: config[`auth.oauth.${name}.token_url`] ?? GITHUB.tokenUrl,
    apiUrl: (config[`auth.oauth.${name}.api_url`] ?? GITHUB.apiUrl).replace(/\/+$/, ''),
    registration: registrationOf(name, config, asksMembers ? GITHUB_MEMBER_SCOPES : GITHUB_SCOPES),
  };
  return createGitHubProvider(settings, outbound);
}

async function createOidc(name: string, { config, ...deps }: ProvidersDeps): Promise<Provider> {
  const { createOidcProvider } = await import('./oidc.ts');
  const kind = kindOf(name, config) as OidcKind;
  const tenant = config[`auth.oauth.${name}.tenant_id`]?.toLowerCase();
  const authorizeUrl = config[`auth.oauth.${name}.authorize_url`];
  const tokenUrl = config[`auth.oauth.${name}.token_url`];
  const jwksUrl = config[`auth.oauth.${name}.jwks_url`];
  const settings = {
    name,
    kind,
    tenant,
    rules: rulesOf(name, kind, config),
    issuer: config[`auth.oauth.${name}.issuer`] ?? issuerOf(kind, tenant),
    overrides: {
      ...(authorizeUrl !== undefined && { authorization_endpoint: authorizeUrl }),
      ...(tokenUrl !== undefined && { token_endpoint: tokenUrl }),
      ...(jwksUrl !== undefined && { jwks_uri: jwksUrl }),
    },
    registration: registrationOf(name, config, OIDC_SCOPES),
    algorithms: config[`auth.oauth.${name}.algorithms`] ?? [],
    toleranceSeconds: (config[`auth.oauth.${name}.clock_skew`] ?? 0) / 1000,
    claimNames: {
      userName: config[`auth.oauth.${name}.user_mapping.username`],
      email: config[`auth.oauth.${name}.user_mapping.email`] ?? '',
      name: config[`auth.oauth.${name}.user_mapping.name`] ?? '',
      picture: config[`auth.oauth.${name}.user_mapping.picture`] ?? '',
      groups: config[`auth.oauth.${name}.groups_claim`] ?? '',
    },
  };
  return createOidcProvider(settings, deps);
}

const issuerOf = (kind: OidcKind, tenant: string | undefined): string =>
  kind === 'azure' ? `https://login.microsoftonline.com/${tenant}/v2.0` : GOOGLE_ISSUER;

/** In small letters where the provider does not tell capitals apart. */
function rulesOf(name: string, kind: Kind, config: SignInConfig): ProviderRules {
  const fold = (texts: readonly string[]): readonly string[] =>
    kind === 'github' || kind === 'azure' ? texts.map((text) => text.toLowerCase()) : texts;
  const mappings = [
    ...(config[`auth.oauth.${name}.team_mappings`] ?? []),
    ...(config[`auth.oauth.${name}.group_mappings`] ?? []),
  ];
  return {
    allowedGroups: fold(config[`auth.oauth.${name}.allowed_groups`] ?? []),
    requiredRoles: config[`auth.oauth.${name}.required_roles`] ?? [],
    allowedOrganizations: fold(config[`auth.oauth.${name}.allowed_organizations`] ?? []),
    allowedTeams: fold(config[`auth.oauth.${name}.allowed_teams`] ?? []),
    allowedUsers: fold(config[`auth.oauth.${name}.allowed_users`] ?? []),
    allowedDomains: (config[`auth.oauth.${name}.allowed_domains`] ?? []).map((domain) => domain.toLowerCase()),
    mappings: mappings.flatMap((text) => {
      const mapping = parseMapping(text);
      return mapping ? { ...mapping, group: fold([mapping.group])[0] ?? '' } : [];
    }),
  };
}
