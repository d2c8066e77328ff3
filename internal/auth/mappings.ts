import type { Binding } from './policy.ts';

/** Gives the people of a provider's group a role on all repositories. */
export interface Mapping {
  readonly group: string;
  readonly role: string;
}

/** As other systems call our roles. */
const ALIASES: Readonly<Record<string, string>> = {
  'read-write': 'writer',
  developer: 'writer',
  'read-only': 'reader',
  viewer: 'reader',
};

/** `my-team=writer`; undefined where it is none. */
export function parseMapping(text: string): Mapping | undefined {
  const at = text.lastIndexOf('=');
  const [group, role] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  if (at < 1 || group === '' || !/^[a-z][a-z0-9._-]*$/.test(role)) return undefined;
  return { group, role: Object.hasOwn(ALIASES, role) ? (ALIASES[role] ?? role) : role };
}

/** Somebody by the word of a provider. */
export interface ExternalIdentity {
  /** The name of the provider in our configuration. */
  readonly provider: string;
  /** What the provider never gives to anybody else. */
  readonly subject: string;
  /** What they would like to be called. Nothing is decided by it. */
  readonly wantedName: string;
  /** Their name there, where nobody else can have it at the same time. */
  readonly login: string | undefined;
  readonly displayName: string | undefined;
  /** For people to read: nothing is decided by it. */
  readonly email: string | undefined;
  readonly avatarUrl: string | undefined;
  /** Domains in which the provider vouches for an address of theirs. */
  readonly domains: readonly string[];
  readonly groups: readonly string[];
  readonly organizations: readonly string[];
  /** As `organization/team`. */
  readonly teams: readonly string[];
  /** Roles of the application at the provider. */
  readonly roles: readonly string[];
}

/** Who may sign in through a provider, and as what. An empty list asks for nothing. */
export interface ProviderRules {
  readonly allowedGroups: readonly string[];
  readonly requiredRoles: readonly string[];
  readonly allowedOrganizations: readonly string[];
  readonly allowedTeams: readonly string[];
  readonly allowedUsers: readonly string[];
  readonly allowedDomains: readonly string[];
  readonly mappings: readonly Mapping[];
}

export type Admission =
  | Readonly<{ kind: 'admitted'; role: string | undefined }>
  /** Which list keeps them out. */
  | Readonly<{ kind: 'kept out'; by: string }>;

const hasAny = (wanted: readonly string[], given: readonly string[]): boolean =>
  wanted.some((each) => given.includes(each));

/**
 * Every list that is set has to let them in; one about what the provider does not tell lets in nobody. Texts are
 * compared as they are: where a provider does not tell capitals apart, both sides come in small letters.
 */
export function admit(rules: ProviderRules, identity: ExternalIdentity): Admission {
  const { allowedGroups, allowedOrganizations, allowedTeams, allowedUsers, allowedDomains, requiredRoles } = rules;
  const lists: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['allowed_groups', allowedGroups, identity.groups],
    ['allowed_organizations', allowedOrganizations, identity.organizations],
    ['allowed_teams', allowedTeams, identity.teams],
    ['allowed_users', allowedUsers, identity.login === undefined ? [] : [identity.login]],
    ['allowed_domains', allowedDomains, identity.domains],
  ];
  const closed = lists.find(([, wanted, given]) => wanted.length > 0 && !hasAny(wanted, given));
  if (closed) return { kind: 'kept out', by: closed[0] };
  const lacksRole = requiredRoles.some((role) => !identity.roles.includes(role));
  if (lacksRole) return { kind: 'kept out', by: 'required_roles' };
  const memberships = [...identity.groups, ...identity.teams];
  return { kind: 'admitted', role: rules.mappings.find(({ group }) => hasAny([group], memberships))?.role };
}

/**
 * The names under which memberships are kept here. A provider's name has neither `:` nor `=`, so that no provider can
 * name a group of another, nor one that a mapping makes.
 */
export const groupName = (provider: string, group: string): string => `${provider}:${group}`;
export const mappedGroupName = (provider: string, role: string): string => `${provider}=${role}`;

/** What the mappings of all providers give, as bindings of the groups that they put people into. */
export function mappedBindings(rules: ReadonlyMap<string, ProviderRules>): readonly Binding[] {
  return [...rules].flatMap(([provider, { mappings }]) =>
    [...new Set(mappings.map(({ role }) => role))].map((role) => ({
      subject: `group:${mappedGroupName(provider, role)}`,
      role,
      pattern: '**',
    })),
  );
}
