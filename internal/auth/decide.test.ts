import { describe, expect, it } from '@jest/globals';
import { parseRepositoryName } from '../../pkg/oci/index.ts';
import { ACTIONS, type Action } from './actions.ts';
import { createActor } from './actor.ts';
import { decide, isServerAdmin } from './decide.ts';
import { BUILT_IN_ROLES, createPolicy } from './policy.ts';
import { ANONYMOUS, nameOf, type Access, type Identity, type Principal } from './principal.ts';
import { scopeOf } from './scopes.ts';

const POLICY = createPolicy(
  [
    { name: 'adder', actions: ['pull', 'push', 'create'] },
    { name: 'reader', actions: ['delete'] }, // the built-in one stands
  ],
  [
    { subject: 'user:alice', role: 'writer', pattern: 'team-a/**' },
    { subject: 'group:dev', role: 'reader', pattern: 'team-b/*' },
    { subject: 'key:robot', role: 'adder', pattern: 'ci/**' },
    { subject: 'workload:deploy', role: 'reader', pattern: 'ci/**' },
    { subject: 'authenticated', role: 'reader', pattern: 'shared/**' },
    { subject: 'anonymous', role: 'reader', pattern: 'public/**' },
    { subject: 'user:root', role: 'admin', pattern: '**' },
    { subject: 'user:lead', role: 'admin', pattern: 'team-a/**' },
    { subject: 'user:ghost', role: 'no-such-role', pattern: '**' },
  ],
);

const user = (name: string, ...groups: string[]): Principal => ({ kind: 'user', name, groups });
const access = (repositories: string, ...actions: Action[]): Access => ({ repositories: [repositories], actions });
const robot = (given: Access): Principal => ({ kind: 'key', name: 'robot', owner: undefined, access: given });
const keyOf = (owner: string, given: Access): Principal => ({
  kind: 'key',
  name: 'hers',
  owner: { name: owner, groups: [] },
  access: given,
});
const workload = (given: Access): Principal => ({ kind: 'workload', name: 'deploy', subject: 'repo:x', access: given });
const NOTHING: Access = { repositories: [], actions: [] };

const ask = (identity: Identity, action: Action, repository: string) =>
  decide(POLICY, identity, { action, repository: parseRepositoryName(repository) });
const allowed = (identity: Identity, repository: string): readonly Action[] =>
  ACTIONS.filter((action) => ask(identity, action, repository).allowed);

describe('what a principal may', () => {
  const alice = user('alice', 'dev');
  it.each<[string, Principal, string, readonly Action[]]>([
    ['a writer', alice, 'team-a/app', ['pull', 'push', 'create', 'update']],
    ['a writer, deeper down', alice, 'team-a/x/y', ['pull', 'push', 'create', 'update']],
    ['a writer, elsewhere', alice, 'team-c/app', []],
    ['a writer, where a name only begins alike', alice, 'team-ab/app', []],
    ['a group', alice, 'team-b/app', ['pull']],
    ['a group, below its pattern', alice, 'team-b/x/y', []],
    ['somebody of another group', user('bob', 'developers'), 'team-b/app', []],
    ['somebody named as a group', user('dev'), 'team-b/app', []],
    ['whoever signed in', user('bob'), 'shared/app', ['pull']],
    ['whoever signed in, where everybody may', user('bob'), 'public/app', ['pull']],
    ['anonymous', ANONYMOUS, 'public/app', ['pull']],
    ['anonymous, where one has to sign in', ANONYMOUS, 'shared/app', []],
    ['an admin', user('root'), 'any/thing', ACTIONS],
    ['an admin of some', user('lead'), 'team-a/app', ACTIONS],
    ['an admin of some, elsewhere', user('lead'), 'team-b/app', []],
    ['a role that is not there', user('ghost'), 'any/thing', []],
    ['a robot by its bindings', robot(NOTHING), 'ci/app', ['pull', 'push', 'create']],
    ['a robot by itself', robot(access('own/*', 'delete')), 'own/app', ['delete']],
    ['a robot by either', robot(access('ci/*', 'delete')), 'ci/app', ['pull', 'push', 'create', 'delete']],
    ['a robot where people sign in', robot(NOTHING), 'shared/app', ['pull']],
    ['a key of hers', keyOf('alice', access('team-a/*', 'pull')), 'team-a/app', ['pull']],
    ['a key of hers, beyond its own', keyOf('alice', access('team-a/*', 'pull')), 'team-a/x/y', []],
    ['a key of hers, beyond hers', keyOf('alice', access('**', ...ACTIONS)), 'team-c/app', []],
    ['a key of hers named like a robot', keyOf('bob', access('**', ...ACTIONS)), 'ci/app', []],
    ['a workload by its rule', workload(access('deploy/*', 'push', 'create')), 'deploy/app', ['push', 'create']],
    ['a workload by its bindings', workload(NOTHING), 'ci/app', ['pull']],
    ['a workload elsewhere', workload(access('deploy/*', 'push')), 'team-a/app', []],
  ])('%s', (_, principal, repository, expected) => {
    expect(allowed({ principal }, repository)).toEqual(expected);
  });

  it.each([
    ['reader', ['pull']],
    ['writer', ['pull', 'push', 'create', 'update']],
    ['maintainer', ['pull', 'push', 'create', 'update', 'delete']],
    ['admin', ACTIONS],
  ])('as a %s', (role, actions) => {
    expect([...(BUILT_IN_ROLES.get(role) ?? [])]).toEqual(actions);
  });
});

describe('a token', () => {
  const scope = scopeOf([{ type: 'repository', name: 'team-a/app', actions: ['pull'] }]);

  it('gives what it was given, where its principal may still', () => {
    expect(allowed({ principal: user('alice'), scope }, 'team-a/app')).toEqual(['pull']);
    expect(allowed({ principal: user('root'), scope }, 'team-a/app')).toEqual(['pull']);
    expect(allowed({ principal: user('bob'), scope }, 'team-a/app')).toEqual([]);
  });

  it.each(['team-a', 'team-a/app/x', 'team-a/ap', 'team-a/app2', 'public/app'])(
    'of team-a/app is none of %s',
    (other) => {
      expect(allowed({ principal: user('root'), scope }, other)).toEqual([]);
    },
  );
});

describe('the rule that decides', () => {
  it.each<[string, Identity, Action, string, object]>([
    [
      'a binding',
      { principal: user('alice') },
      'push',
      'team-a/x',
      { kind: 'binding', binding: { subject: 'user:alice' } },
    ],
    ['nothing', { principal: user('bob') }, 'push', 'team-a/x', { kind: 'none' }],
    ['a robot’s own access', { principal: robot(access('x', 'pull')) }, 'pull', 'x', { kind: 'access' }],
    ['a limit', { principal: keyOf('alice', access('x', 'pull')) }, 'push', 'team-a/x', { kind: 'limit' }],
    [
      'a scope',
      { principal: user('alice'), scope: { repositories: new Map(), catalog: false } },
      'push',
      'team-a/x',
      { kind: 'scope' },
    ],
  ])('is %s', (_, identity, action, repository, rule) => {
    expect(ask(identity, action, repository).rule).toMatchObject(rule);
  });
});

describe('the right to administer the server', () => {
  const everything = access('**', ...ACTIONS);
  const scope = { repositories: new Map(), catalog: true };
  it.each<[string, Identity, boolean]>([
    ['an admin of everything', { principal: user('root') }, true],
    ['an admin of some', { principal: user('lead') }, false],
    ['a writer', { principal: user('alice') }, false],
    ['anonymous', { principal: ANONYMOUS }, false],
    ['an admin by a token for pulls', { principal: user('root'), scope }, false],
    ['a robot of everything', { principal: robot(everything) }, true],
    ['a robot of some', { principal: robot(access('team/**', ...ACTIONS)) }, false],
    ['an admin’s key of everything', { principal: keyOf('root', everything) }, true],
    ['an admin’s key of less', { principal: keyOf('root', access('**', 'pull')) }, false],
    ['a writer’s key of everything', { principal: keyOf('alice', everything) }, false],
  ])('%s: %#', (_, identity, expected) => {
    expect(isServerAdmin(POLICY, identity)).toBe(expected);
  });
});

describe('what an actor sees in lists', () => {
  const actor = (identity: Identity) => createActor(POLICY, identity);

  it('is what its principal may pull, whatever its token is for', () => {
    const alice = actor({ principal: user('alice'), scope: { repositories: new Map(), catalog: true } });
    const name = parseRepositoryName('team-a/app');
    expect([alice.sees(name), alice.may('pull', name), alice.sees(parseRepositoryName('team-c/app'))]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it.each<[string, Principal, readonly string[]]>([
    ['an admin', user('root'), ['']],
    ['a writer', user('alice', 'dev'), ['public/', 'shared/', 'team-a/', 'team-b/']],
    ['anonymous', ANONYMOUS, ['public/']],
    ['a robot', robot(access('pub*', 'pull')), ['ci/', 'pub', 'shared/']],
  ])('begins with few prefixes, none within another: %s', (_, principal, prefixes) => {
    expect(actor({ principal }).prefixes).toEqual(prefixes);
  });
});

describe('the name of a principal', () => {
  it.each<[Principal, string]>([
    [ANONYMOUS, 'anonymous'],
    [user('alice'), 'user:alice'],
    [robot(NOTHING), 'key:robot'],
    [workload(NOTHING), 'workload:deploy/repo:x'],
  ])('%#: %s', (principal, name) => {
    expect(nameOf(principal)).toBe(name);
  });
});
