import { describe, expect, it } from '@jest/globals';
import { claimsHold, parseClaimRule } from './claims.ts';
import { createRule, RuleInvalid, type RuleSettings } from './workload-rules.ts';

const HERE = 'https://registry.example.com';
const complaints = (settings: RuleSettings, name = 'ci', audience: string | undefined = HERE): readonly string[] => {
  try {
    createRule(name, settings, audience);
    return [];
  } catch (thrown) {
    if (thrown instanceof RuleInvalid) return thrown.problems;
    throw thrown;
  }
};

describe('a rule for jobs of a CI', () => {
  it('of GitHub is complete with whose jobs it is for', () => {
    const settings = {
      preset: 'github',
      claims: ['repository=acme/app', 'ref=refs/heads/*'],
      repositories: ['acme/**'],
    };
    expect(createRule('deploy', settings as RuleSettings, HERE)).toEqual({
      name: 'deploy',
      issuer: 'https://token.actions.githubusercontent.com',
      jwksUrl: undefined,
      audience: HERE,
      algorithms: ['RS256'],
      claims: [
        { claim: 'repository', pattern: 'acme/app' },
        { claim: 'ref', pattern: 'refs/heads/*' },
      ],
      singleUse: true,
      access: { repositories: ['acme/**'], actions: ['pull', 'push', 'create', 'update'] },
    });
  });

  it.each<[RuleSettings]>([
    [{ preset: 'github', claims: ['repository=acme/*'] }],
    [{ preset: 'github', claims: ['repository_owner=acme'] }],
    [{ preset: 'github', claims: ['sub=repo:acme/app:ref:refs/heads/main'] }],
    [{ preset: 'github', claims: ['repository_owner_id=1234'] }],
    [{ preset: 'github', claims: ['repository=acme/app', 'repository=acme/other'] }],
    [{ preset: 'gitlab', claims: ['project_path=group/project'] }],
    [{ preset: 'gitlab', claims: ['namespace_path=group/*', 'ref_protected=true'] }],
    [{ preset: 'gitlab', issuer: 'https://gitlab.example.com', claims: ['sub=project_path:group/app:*'] }],
    [{ preset: 'kubernetes', issuer: 'https://cluster', claims: ['sub=system:serviceaccount:ci:builder'] }],
    [{ issuer: 'https://ci.example.com', claims: ['team=core'] }],
  ])('is one: %j', (settings) => {
    expect(complaints(settings)).toEqual([]);
  });

  it.each<[RuleSettings, RegExp]>([
    [{ preset: 'github' }, /lets in all jobs/],
    [{ preset: 'github', claims: ['repository=*'] }, /lets in all jobs/],
    [{ preset: 'github', claims: ['ref=refs/heads/main'] }, /whose jobs/],
    [{ preset: 'github', claims: ['repository=acme*'] }, /whose jobs/],
    [{ preset: 'github', claims: ['repository=*/app'] }, /whose jobs/],
    [{ preset: 'github', claims: ['repository=acme/app', 'repository=*/app'] }, /whose jobs/],
    [{ preset: 'github', claims: ['repository_owner=acme*'] }, /whose jobs/],
    [{ preset: 'github', claims: ['sub=repo:acme*'] }, /whose jobs/],
    [{ preset: 'github', claims: ['repository_id=12*'] }, /whose jobs/],
    [{ preset: 'gitlab', claims: ['project_path=group*'] }, /whose jobs/],
    [{ preset: 'kubernetes', issuer: 'https://c', claims: ['sub=system:serviceaccount:*:builder'] }, /whose jobs/],
    [{ preset: 'kubernetes', claims: ['sub=system:serviceaccount:ci:builder'] }, /needs an issuer/],
    [{ claims: ['a=b'] }, /needs an issuer/],
    [{ issuer: 'ci.example.com', claims: ['a=b'] }, /URL/],
    [{ issuer: 'https://c', jwksUrl: 'file:///etc/keys', claims: ['a=b'] }, /URL/],
    [{ issuer: 'https://c', claims: ['a'] }, /claim=pattern/],
    [{ issuer: 'https://c', claims: ['a=b'], algorithms: ['HS256'] }, /algorithm/],
    [{ issuer: 'https://c', claims: ['a=b'], algorithms: ['none'] }, /algorithm/],
    [{ issuer: 'https://c', claims: ['a=b'], repositories: ['Team/**'] }, /pattern/],
    [{ issuer: 'https://c', claims: ['a=b'], actions: ['admin'] }, /action admin/],
    [{ issuer: 'https://c', claims: ['a=b'], actions: ['fly'] }, /action fly/],
  ])('is none: %j', (settings, problem) => {
    expect(complaints(settings).join('\n')).toMatch(problem);
  });

  it('needs a name and an audience', () => {
    const settings = { issuer: 'https://c', claims: ['a=b'] };
    expect(complaints(settings, 'My Rule')).toHaveLength(1);
    expect(() => createRule('ci', settings, undefined)).toThrow(/audience/);
  });
});

describe('claims', () => {
  const holds = (rules: readonly string[], claims: Record<string, unknown>): boolean =>
    claimsHold(
      rules.flatMap((text) => parseClaimRule(text) ?? []),
      claims,
    );
  const GIVEN = {
    repository: 'acme/app',
    ref: 'refs/heads/main',
    run: 7,
    ok: true,
    groups: ['a', 'b'],
    deep: { x: 1 },
  };

  it.each([
    [['repository=acme/app'], true],
    [['repository=acme/*'], true],
    [['repository=acme'], false],
    [['repository=acme/ap'], false],
    [['repository=ACME/app'], false],
    [['repository=acme/app', 'ref=refs/heads/main'], true],
    [['repository=acme/app', 'ref=refs/heads/dev'], false],
    [['ref=refs/heads/dev', 'ref=refs/heads/main'], true],
    [['ref=refs/*/main'], true],
    [['ref=*'], true],
    [['missing=*'], false],
    [['deep=*'], false],
    [['run=7'], true],
    [['ok=true'], true],
    [['groups=b'], true],
    [['groups=c'], false],
    [['groups=a*b'], false],
    [['repository=acme.app'], false],
    [['constructor=*'], false],
    [['__proto__=*'], false],
  ])('%j hold: %s', (rules, expected) => {
    expect(holds(rules, GIVEN)).toBe(expected);
  });
});
