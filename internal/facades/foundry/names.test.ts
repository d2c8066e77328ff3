import { describe, expect, it } from '@jest/globals';
import { parseRepositoryName } from '../../../pkg/oci/index.ts';
import { createNamespace, findPackageName, findVersionName, parsePackageName } from './names.ts';

describe('names', () => {
  it.each(['a', 'A', '0', 'my-tool', 'a/b', 'team@x/Tool+1', 'x'.repeat(128)])('package %s is one', (name) => {
    expect(findPackageName(name)).toBe(name);
  });

  it.each(['', '.a', '-a', '/a', 'a/', 'a//b', '..', 'a/..', 'a b', 'é', 'a\n', 'x'.repeat(129), 'a\0', 'a\u200b'])(
    'package %j is none',
    (name) => {
      expect(findPackageName(name)).toBeUndefined();
    },
  );

  it.each(['1', 'v2', '_x', '1.0.0+b', 'nightly-2024-05-01', 'x'.repeat(128)])('version %s is one', (version) => {
    expect(findVersionName(version)).toBe(version);
  });

  it.each(['', '.1', '-1', '+1', '1/2', '1@2', '1\n', 'x'.repeat(129)])('version %j is none', (version) => {
    expect(findVersionName(version)).toBeUndefined();
  });
});

describe('where packages are', () => {
  const namespace = createNamespace('foundry');

  it.each([
    ['tool', 'foundry/tool'],
    ['a/b', 'foundry/a/b'],
    ['MyTool', 'foundry/x--9lsl8rrfdg'],
    ['team/MyTool', 'foundry/team/x--9lsl8rrfdg'],
  ])('%s is in %s, and the other way round', (name, repository) => {
    expect(namespace.repositoryOf(parsePackageName(name))).toBe(repository);
    expect(namespace.packageOf(parseRepositoryName(repository))).toBe(name);
  });

  it.each(['foundry', 'other/tool', 'foundry2/tool', 'foundry/x--zz', 'foundry/a/x--0'])('%s is no package', (name) => {
    expect(namespace.packageOf(parseRepositoryName(name))).toBeUndefined();
  });

  it('refuses a name that is too long for a repository once it is encoded', () => {
    expect(() => namespace.repositoryOf(parsePackageName('X'.repeat(128)))).not.toThrow();
    const long = createNamespace('p'.repeat(64));
    expect(() => long.repositoryOf(parsePackageName('X'.repeat(128)))).toThrow(
      expect.objectContaining({ code: 'NAME_INVALID' }),
    );
  });
});
