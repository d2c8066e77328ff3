import { describe, expect, it } from '@jest/globals';
import { matchesPattern, prefixOf, wrongOfPattern } from './pattern.ts';

describe('a pattern', () => {
  it.each([
    ['**', 'a'],
    ['**', 'a/b/c'],
    ['a', 'a'],
    ['team-a/**', 'team-a/app'],
    ['team-a/**', 'team-a/x/y/z'],
    ['team/*', 'team/app'],
    ['*/app', 'team/app'],
    ['**/app', 'a/app'],
    ['**/app', 'a/b/c/app'],
    ['a/**/z', 'a/b/z'],
    ['a/**/z', 'a/z/z/z'],
    ['a/**/m/**/z', 'a/b/m/m/c/z'],
    ['team-*/app', 'team-7/app'],
    ['*-dev', 'x-dev-dev'],
    ['a*b*c', 'abc'],
    ['a*b*c', 'axbxbxc'],
    ['**/a*', 'x/b/ab'],
    ['*/**', 'a/b'],
  ])('%s has %s', (pattern, name) => {
    expect(matchesPattern(pattern, name)).toBe(true);
  });

  it.each([
    ['a', 'a/b'],
    ['a/b', 'a'],
    ['team-a/**', 'team-a'],
    ['team-a/**', 'team-abc/app'],
    ['team-a/**', 'team/a'],
    ['team/*', 'team/a/b'],
    ['team/*', 'team'],
    ['*', 'a/b'],
    ['**/app', 'app'],
    ['**/app', 'a/app/b'],
    ['**/app', 'a/myapp'],
    ['a/**/z', 'a/z'],
    ['a/**/m/**/z', 'a/b/m/z'],
    ['team-*/app', 'team/app'],
    ['ab*ba', 'aba'],
    ['a*b*c', 'acb'],
    ['a.c', 'abc'],
    ['*/**', 'a'],
  ])('%s has not %s', (pattern, name) => {
    expect(matchesPattern(pattern, name)).toBe(false);
  });

  it('is matched to the end, whatever it is: one that took back its steps would not see it', () => {
    const pattern = `${'**/a*b*/'.repeat(30)}z`;
    const name = Array.from({ length: 80 }, () => 'ab').join('/');
    for (let times = 0; times < 100; times += 1) expect(matchesPattern(pattern, name)).toBe(false);
  });

  it.each(['**', 'a', 'a/b', 'team-a/**', 'a.b_c-d/*', '**/x/**', '*'])('may be %s', (text) => {
    expect(wrongOfPattern(text)).toBeUndefined();
  });

  it.each(['', '/', 'a/', '/a', 'a//b', 'A', 'a b', 'a/**b', '***', 'a?', '[a]', '(a)', 'a\\b', 'ä', 'a'.repeat(256)])(
    'may not be %j',
    (text) => {
      expect(wrongOfPattern(text)).toEqual(expect.any(String));
    },
  );

  it.each([
    ['**', ''],
    ['team-a/**', 'team-a/'],
    ['team-*/x', 'team-'],
    ['a/b', 'a/b'],
  ])('%s has names that begin with %j', (pattern, prefix) => {
    expect(prefixOf(pattern)).toBe(prefix);
  });
});
