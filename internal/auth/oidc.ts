import { textOf, textsOf, type Claims } from './claims.ts';
import { createIssuer, type IssuerDeps, type IssuerMetadata } from './issuer.ts';
import type { ExternalIdentity, ProviderRules } from './mappings.ts';
import { createOAuthClient, translating, type Registration } from './oauth-client.ts';
import { ProviderFailed, type Provider } from './provider.ts';

export type OidcKind = 'azure' | 'google' | 'oidc';

/** The names of the claims that say who somebody is. */
export interface ClaimNames {
  /** Undefined: `preferred_username`, then what stands before the @ of the address. */
  readonly userName: string | undefined;
  readonly email: string;
  readonly name: string;
  readonly picture: string;
  readonly groups: string;
}

export interface OidcSettings {
  readonly name: string;
  readonly kind: OidcKind;
  readonly issuer: string;
  /** azure: the directory. */
  readonly tenant: string | undefined;
  readonly overrides: Partial<IssuerMetadata>;
  readonly registration: Registration;
  readonly algorithms: readonly string[];
  readonly toleranceSeconds: number;
  readonly claimNames: ClaimNames;
  readonly rules: ProviderRules;
}

export type OidcDeps = Pick<IssuerDeps, 'outbound' | 'clock' | 'onUnavailable'>;

/** A provider that speaks OpenID Connect. */
export function createOidcProvider(settings: OidcSettings, deps: OidcDeps): Provider {
  const { kind, registration, toleranceSeconds, overrides, algorithms } = settings;
  const issuer = createIssuer({ ...deps, url: settings.issuer, overrides, algorithms, toleranceSeconds });
  const client = createOAuthClient({
    metadata: () => issuer.metadata(),
    registration,
    toleranceSeconds,
    outbound: deps.outbound,
  });
  return {
    name: settings.name,
    rules: settings.rules,
    begin: (attempt) => client.begin(attempt),
    finish: (attempt, query) =>
      translating(async () => {
        const { idToken = '', accessToken } = await client.redeem(attempt, query, true);
        // It came from the provider over TLS; the signature is checked all the same.
        const { sub = '', ...signed } = await issuer.verify(idToken, registration.clientId);
        const more = kind === 'oidc' ? await client.userInfo(accessToken, sub) : undefined;
        return identityOf(settings, { ...more, ...signed, sub });
      }),
  };
}

/** Who somebody is by their claims; throws where the provider does not vouch for them as it has to. */
export function identityOf(
  { name: provider, kind, tenant, claimNames }: OidcSettings,
  claims: Claims,
): ExternalIdentity {
  const subject = textOf(claims, kind === 'azure' ? 'oid' : 'sub');
  if (subject === undefined) throw new ProviderFailed('refused', 'the provider does not say who it is');
  if (kind === 'azure' && textOf(claims, 'tid') !== tenant) {
    throw new ProviderFailed('barred', 'somebody of another directory');
  }
  // Google writes it as a truth value, others as text.
  const isVerified = ['true', '1'].includes(textsOf(claims, 'email_verified')[0] ?? '');
  if (kind === 'google' && !isVerified) throw new ProviderFailed('barred', 'the address is not verified');
  const login = textOf(claims, 'preferred_username');
  const email = textOf(claims, claimNames.email) ?? (login?.includes('@') ? login : undefined);
  const own = claimNames.userName === undefined ? undefined : textOf(claims, claimNames.userName);
  return {
    provider,
    subject,
    wantedName: own ?? login ?? email ?? subject,
    login: undefined,
    displayName: textOf(claims, claimNames.name),
    email: isVerified || kind === 'azure' ? email : undefined,
    avatarUrl: textOf(claims, claimNames.picture),
    domains: kind === 'azure' ? [] : domainsOf(kind, claims, isVerified ? email : undefined),
    groups: groupsOf(kind, claims, claimNames.groups),
    organizations: [],
    teams: [],
    roles: textsOf(claims, 'roles'),
  };
}

/** Google: the organisation that the account belongs to, and the domain of its address, are to be the same. */
function domainsOf(kind: OidcKind, claims: Claims, email: string | undefined): readonly string[] {
  const domain = email?.slice(email.lastIndexOf('@') + 1).toLowerCase();
  if (domain === undefined || !email?.includes('@')) return [];
  return kind === 'google' && textOf(claims, 'hd')?.toLowerCase() !== domain ? [] : [domain];
}

/** With more groups than fit into a token, Azure names a place instead: not to know them is to have none. */
function groupsOf(kind: OidcKind, claims: Claims, claim: string): readonly string[] {
  const groups = textsOf(claims, claim);
  return kind === 'azure' ? groups.map((group) => group.toLowerCase()) : groups;
}
