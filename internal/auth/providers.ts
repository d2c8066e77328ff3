import { namesIn } from '../config/index.ts';
import type { Outbound } from '../outbound/index.ts';
import { createGitHubProvider, GITHUB, GITHUB_MEMBER_SCOPES, GITHUB_SCOPES } from './github.ts';
import { parseMapping, type ProviderRules } from './mappings.ts';
import { createOidcProvider, type OidcKind } from './oidc.ts';
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
}

type Kind = OidcKind | 'github';

/** The providers that the configuration names, by their names. Throws SignInInvalid with all that is wrong. */
export function createProviders(deps: ProvidersDeps): ReadonlyMap<string, Provider> {
  const { config } = deps;
  if (!config['auth.oauth.enabled']) return new Map();
  const providers = new Map<string, Provider>();
  const problems: string[] = [];
  for (const name of namesIn(config, 'auth.oauth')) {
    const say = (problem: string): void => void problems.push(`auth.oauth.${name} ${problem}`);
    if (config[`auth.oauth.${name}.enabled`] === false) continue;
    if (RESERVED.has(name)) say('needs another name: that one has a meaning of its own');
    const provider = createProvider(name, deps, say);
    if (provider) providers.set(name, provider);
  }
  if (problems.length > 0) throw new SignInInvalid(problems);
  return providers;
}

function kindOf(name: string, config: SignInConfig): Kind {
  const kinds = ['azure', 'github', 'google'] as const;
  return (
    config[`auth.oauth.${name}.kind`] ?? kinds.find((kind) => new RegExp(`^${kind}(?:[_-]|$)`).test(name)) ?? 'oidc'
  );
}

function createProvider(name: string, deps: ProvidersDeps, say: (problem: string) => void): Provider | undefined {
  const { config, outbound, clock } = deps;
  const kind = kindOf(name, config);
  const tenant = config[`auth.oauth.${name}.tenant_id`]?.toLowerCase();
  const clientId = config[`auth.oauth.${name}.client_id`];
  const clientSecret = config[`auth.oauth.${name}.client_secret`];
  const issuer = config[`auth.oauth.${name}.issuer`] ?? issuerOf(kind, tenant);
  const rules = rulesOf(name, kind, config);
  if (clientId === undefined) say('needs a client_id');
  if (kind === 'github' && clientSecret === undefined) say('needs a client_secret');
  if (kind === 'azure' && tenant === undefined) say('needs a tenant_id');
  if (kind !== 'github' && issuer === undefined && kind !== 'azure') say('needs an issuer');
  if (clientId === undefined) return undefined;

  const scopes = config[`auth.oauth.${name}.scopes`] ?? [];
  const authorizeUrl = config[`auth.oauth.${name}.authorize_url`];
  const tokenUrl = config[`auth.oauth.${name}.token_url`];
  if (kind === 'github') {
    const asksMembers = [rules.allowedOrganizations, rules.allowedTeams, rules.mappings].some(
      ({ length }) => length > 0,
    );
    const usual = asksMembers ? GITHUB_MEMBER_SCOPES : GITHUB_SCOPES;
    return createGitHubProvider(
      {
        name,
        rules,
        authorizeUrl: authorizeUrl ?? GITHUB.authorizeUrl,
        tokenUrl: tokenUrl ?? GITHUB.tokenUrl,
        apiUrl: (config[`auth.oauth.${name}.api_url`] ?? GITHUB.apiUrl).replace(/\/+$/, ''),
        registration: { clientId, clientSecret, scopes: scopes.length > 0 ? scopes : usual },
      },
      outbound,
    );
  }
  const jwksUrl = config[`auth.oauth.${name}.jwks_url`];
  const settings = {
    name,
    kind,
    rules,
    tenant,
    issuer: issuer ?? '',
    overrides: {
      ...(authorizeUrl !== undefined && { authorization_endpoint: authorizeUrl }),
      ...(tokenUrl !== undefined && { token_endpoint: tokenUrl }),
      ...(jwksUrl !== undefined && { jwks_uri: jwksUrl }),
    },
    registration: { clientId, clientSecret, scopes: scopes.length > 0 ? scopes : OIDC_SCOPES },
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
  return createOidcProvider(settings, { outbound, clock });
}

function issuerOf(kind: Kind, tenant: string | undefined): string | undefined {
  if (kind === 'google') return GOOGLE_ISSUER;
  return kind === 'azure' && tenant !== undefined ? `https://login.microsoftonline.com/${tenant}/v2.0` : undefined;
}

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
