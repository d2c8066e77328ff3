import { describe, expect, it } from '@jest/globals';
import { admit, mappedBindings, parseMapping, type ExternalIdentity, type ProviderRules } from './mappings.ts';

const NO_RULES: ProviderRules = {
  allowedGroups: [],
  requiredRoles: [],
  allowedOrganizations: [],
  allowedTeams: [],
  allowedUsers: [],
  allowedDomains: [],
  mappings: [],
};
const ADA: ExternalIdentity = {
  provider: 'github',
  subject: '1',
  wantedName: 'Ada',
  login: 'ada',
  displayName: undefined,
  email: 'ada@example.com',
  avatarUrl: undefined,
  domains: ['example.com'],
  groups: ['g1', 'g2'],
  organizations: ['acme'],
  teams: ['acme/core'],
  roles: ['r1', 'r2'],
};
const judged = (rules: Partial<ProviderRules>, who: Partial<ExternalIdentity> = {}) => {
  const admission = admit({ ...NO_RULES, ...rules }, { ...ADA, ...who });
  return admission.kind === 'admitted' ? (admission.role ?? 'no role') : `not by ${admission.by}`;
};

describe('who may sign in through a provider', () => {
  it.each<[Partial<ProviderRules>, string]>([
    [{}, 'no role'],
    [{ allowedGroups: ['g2', 'x'] }, 'no role'],
    [{ allowedGroups: ['x'] }, 'not by allowed_groups'],
    [{ allowedGroups: ['G2'] }, 'not by allowed_groups'],
    [{ allowedOrganizations: ['acme'] }, 'no role'],
    [{ allowedOrganizations: ['acm'] }, 'not by allowed_organizations'],
    [{ allowedTeams: ['acme/core'] }, 'no role'],
    [{ allowedTeams: ['other/core'] }, 'not by allowed_teams'],
    [{ allowedTeams: ['core'] }, 'not by allowed_teams'],
    [{ allowedUsers: ['ada'] }, 'no role'],
    [{ allowedUsers: ['bob'] }, 'not by allowed_users'],
    [{ allowedDomains: ['example.com'] }, 'no role'],
    [{ allowedDomains: ['ample.com'] }, 'not by allowed_domains'],
    [{ requiredRoles: ['r1', 'r2'] }, 'no role'],
    [{ requiredRoles: ['r1', 'r3'] }, 'not by required_roles'],
    [{ allowedOrganizations: ['acme'], allowedUsers: ['bob'] }, 'not by allowed_users'],
  ])('by %j: Ada %s', (rules, expected) => {
    expect(judged(rules)).toBe(expected);
  });

  it('is nobody where a list asks for what the provider does not tell', () => {
    expect(judged({ allowedUsers: ['Ada'] }, { login: undefined })).toBe('not by allowed_users');
    expect(judged({ allowedDomains: ['example.com'] }, { domains: [] })).toBe('not by allowed_domains');
  });

  it('gets the role of the first mapping that fits', () => {
    const mappings = ['x=admin', 'acme/core=writer', 'g1=reader'].flatMap((text) => parseMapping(text) ?? []);
    expect(judged({ mappings })).toBe('writer');
    expect(judged({ mappings }, { teams: [] })).toBe('reader');
    expect(judged({ mappings }, { teams: [], groups: [] })).toBe('no role');
  });
});

describe('mappings', () => {
  it.each([
    ['devs=writer', { group: 'devs', role: 'writer' }],
    ['a=b=admin', { group: 'a=b', role: 'admin' }],
    [' acme/core = read-write ', { group: 'acme/core', role: 'writer' }],
    ['x=read-only', { group: 'x', role: 'reader' }],
    ['x=viewer', { group: 'x', role: 'reader' }],
    ['x=developer', { group: 'x', role: 'writer' }],
    ['x=constructor', { group: 'x', role: 'constructor' }],
  ])('are group and role: %s', (text, expected) => {
    expect(parseMapping(text)).toEqual(expected);
  });

  it.each(['', 'x', '=admin', 'x=', 'x=Admin', 'x=a b'])('are nothing else: %j', (text) => {
    expect(parseMapping(text)).toBeUndefined();
  });

  it('give their roles to groups that no provider can name', () => {
    const mappings = ['a=admin', 'b=admin', 'c=reader'].flatMap((text) => parseMapping(text) ?? []);
    expect(mappedBindings(new Map([['azure', { ...NO_RULES, mappings }]]))).toEqual([
      { subject: 'group:azure=admin', role: 'admin', pattern: '**' },
      { subject: 'group:azure=reader', role: 'reader', pattern: '**' },
    ]);
  });
});
