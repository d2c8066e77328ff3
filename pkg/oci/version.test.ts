import { describe, expect, it } from '@jest/globals';
import { parseTag } from './name.ts';
import { findVersion, sortVersions, tagOfVersion, versionOfTag } from './version.ts';

describe('a version', () => {
  it.each([
    ['1', 1],
    ['1.2', 2],
    ['0.0.0', 3],
    ['1.0.0-rc.1+b7', 3],
    ['1-2.0.0', 1],
    ['2+x', 1],
    ['99999999999999999999.0.1', 3],
  ] as const)('is %s, with %i numbers', (text, written) => {
    expect(findVersion(text)?.written).toBe(written);
  });

  it.each(['v1.0.0', '01.0.0', '1.0.0.0', '1.0.0_x', '1.0.0-01', '1.0.0\n', '1.', '', 'latest', '１.0.0', '1+a+b'])(
    'is not %j',
    (text) => {
      expect(findVersion(text)).toBeUndefined();
    },
  );

  it('comes in the order of semver, others before it', () => {
    const ordered = [
      'latest',
      'nightly',
      '0.9.0',
      '1.0.0-1',
      '1.0.0-9',
      '1.0.0-10',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-rc.2',
      '1.0.0-rc.10',
      '1',
      '1.0',
      '1.0.0',
      '1.0.0+a',
      '1.0.1',
      '1.2',
      '1.10.0',
      '2.0.0',
      '10000000000000000000000.0.0',
      '10000000000000000000001.0.0',
    ];
    const mixed = ordered.toReversed().map((version) => ({ version }));
    expect(sortVersions(mixed).map(({ version }) => version)).toEqual(ordered);
  });

  it.each([
    ['3.0.0-rc.1+b7', '3.0.0-rc.1_b7'],
    ['1.2', '1.2'],
  ])('%s has the tag %s, and back', (version, tag) => {
    expect(tagOfVersion(version)).toBe(tag);
    expect(versionOfTag(parseTag(tag))).toBe(version);
  });

  it.each(['-1', 'a/b', '', 'x'.repeat(129)])('has no tag where none may be so: %j', (version) => {
    expect(tagOfVersion(version)).toBeUndefined();
  });
});
