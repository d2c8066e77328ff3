import { describe, expect, it } from '@jest/globals';
import { describeIdentity } from './described.ts';
import { createPolicy, type Binding } from './policy.ts';
import type { Identity, Principal } from './principal.ts';

const ADA: Principal = { kind: 'user', name: 'ada', groups: ['dev'] };
const bind = (subject: string, role: string, pattern: string): Binding => ({ subject, role, pattern });
const BINDINGS = [
  bind('user:ada', 'maintainer', 'ada/**'),
  bind('group:dev', 'writer', 'team/*'),
  bind('group:ops', 'admin', '**'),
  bind('anonymous', 'reader', 'public/**'),
  bind('user:root', 'admin', '**'),
  bind('user:none', 'gone', '**'),
];
const said = (principal: Principal, scope?: Identity['scope']) =>
  describeIdentity(createPolicy([], BINDINGS), { principal, scope });

describe('what people are told of themselves', () => {
  it('is all that they have by themselves, by groups, and like everybody', () => {
    expect(said(ADA)).toEqual({
      username: 'ada',
      roles: ['maintainer', 'writer', 'reader'],
      scopes: ['repository:ada/**:pull,push,delete', 'repository:team/*:pull,push', 'repository:public/**:pull'],
    });
  });

  it('is everything where they administer the server', () => {
    expect(said({ kind: 'user', name: 'root', groups: [] })).toEqual({
      username: 'root',
      roles: ['admin', 'reader'],
      scopes: ['registry:*'],
    });
  });

  it('is nothing by a role that is gone', () => {
    expect(said({ kind: 'user', name: 'none', groups: [] }).scopes).toEqual(['repository:public/**:pull']);
  });

  it('is what a token was given, a key may, or a job', () => {
    const scope = { repositories: new Map([['team/app', new Set(['pull'] as const)]]), catalog: false };
    expect(said(ADA, scope).scopes).toEqual(['repository:team/app:pull']);
    const access = { repositories: ['x/*'], actions: ['push'] } as const;
    expect(said({ kind: 'key', name: 'k', owner: { name: 'ada', groups: [] }, access }).scopes).toEqual([
      'repository:x/*:push',
    ]);
    expect(said({ kind: 'workload', name: 'ci', subject: 'repo:a', access })).toMatchObject({
      username: 'ci/repo:a',
      scopes: ['repository:x/*:push', 'repository:public/**:pull'],
    });
  });
});
