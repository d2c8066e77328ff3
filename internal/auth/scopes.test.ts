import { describe, expect, it } from '@jest/globals';
import { grantScopes, parseScopes, scopeOf } from './scopes.ts';

const granted = (...scopes: string[]) => grantScopes(parseScopes(scopes), () => true, true);
const text = (...scopes: string[]) =>
  granted(...scopes).map(({ type, name, actions }) => `${type}:${name}:${actions.join(',')}`);

describe('the scopes that a client asks for', () => {
  it.each([
    [['repository:a/b:pull'], ['repository:a/b:pull']],
    [['repository:a/b:push,pull'], ['repository:a/b:pull,push']],
    [['repository:a:pull repository:b:push'], ['repository:a:pull', 'repository:b:push']],
    [
      ['repository:a:pull', 'repository:b:push'],
      ['repository:a:pull', 'repository:b:push'],
    ],
    [['repository:a:*'], ['repository:a:pull,push,delete']],
    [['repository:a:pull,unknown'], ['repository:a:pull']],
    [['registry:catalog:*'], ['registry:catalog:*']],
  ])('%j are granted as %j', (asked, expected) => {
    expect(text(...asked)).toEqual(expected);
  });

  it.each([
    '',
    ' ',
    'repository',
    'repository:a',
    'repository:a:',
    'repository::pull',
    'repository:*:pull',
    'repository:a/*:pull',
    'repository:**:pull',
    'repository:.*:pull',
    'repository:a|b:pull',
    'repository:(a):pull',
    'repository:a%2fb:pull',
    'repository:a%20b:pull',
    'repository:../a:pull',
    'repository:a/../b:pull',
    'repository:A:pull',
    'repository:a:PULL',
    'repository:a:pull:push',
    'repository:a\tb:pull',
    'repository:a\n:pull',
    'repository:a:admin',
    'repository:a:create',
    'repository(plugin):a:pull',
    'registry:*:*',
    'registry:catalog:pull',
    'admin:*',
    '*:*:*',
    'REPOSITORY:a:pull',
  ])('are nothing where they are %j', (asked) => {
    expect(text(asked)).toEqual([]);
  });

  it('are at most as many as a client can need', () => {
    const many = Array.from({ length: 1000 }, (_, index) => `repository:r${index}:pull`);
    expect(granted(...many)).toHaveLength(32);
    expect(granted(many.join(' ')).length).toBeLessThanOrEqual(32);
  });

  it('are granted word by word, and not at all where nothing may be done', () => {
    const asked = parseScopes(['repository:a:pull,push,delete', 'repository:b:push', 'repository:c:pull']);
    const access = grantScopes(
      asked,
      (action, name) => name !== 'c' && (action === 'pull' || action === 'create'),
      true,
    );
    expect(access).toEqual([
      { type: 'repository', name: 'a', actions: ['pull', 'push'] },
      { type: 'repository', name: 'b', actions: ['push'] },
    ]);
  });
});

describe('what a token was given', () => {
  it('is by repository, and adds up', () => {
    const { repositories, catalog } = scopeOf([
      { type: 'repository', name: 'a', actions: ['pull'] },
      { type: 'repository', name: 'a', actions: ['delete'] },
      { type: 'repository', name: 'b', actions: ['push', 'admin', '*'] },
      { type: 'other', name: 'c', actions: ['pull'] },
    ]);
    expect([...repositories].map(([name, actions]) => [name, [...actions]])).toEqual([
      ['a', ['pull', 'delete']],
      ['b', ['push', 'create', 'update']],
    ]);
    expect(catalog).toBe(false);
  });

  it('is the list of repositories only where it says so', () => {
    expect(scopeOf([{ type: 'registry', name: 'catalog', actions: ['*'] }]).catalog).toBe(true);
    expect(scopeOf([{ type: 'repository', name: 'catalog', actions: ['*'] }]).catalog).toBe(false);
  });
});
