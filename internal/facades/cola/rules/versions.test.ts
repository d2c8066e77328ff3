import { describe, expect, it } from '@jest/globals';
import { isPrereleaseOf, isVersion } from './versions.ts';

describe('versions', () => {
  it.each(['1', '1.2', '1.2.3', '0.0.0', '1.0.0-rc.1+b7', '1.0.0-0a', '1-alpha', '1.2+b.07', '1.0.0--'])(
    'takes %s',
    (text) => {
      expect(isVersion(text)).toBe(true);
    },
  );

  it.each([
    '',
    'v1.0.0',
    '1.0.0.0',
    '01.0.0',
    '1.0.0_x',
    '1.0.0-01',
    '1.0.0+',
    '1.0.0-',
    '1.',
    '1.0.0\n',
    `1.0.0-${'a'.repeat(123)}`,
  ])('refuses %j', (text) => {
    expect(isVersion(text)).toBe(false);
  });

  it('takes one as long as a tag may be', () => {
    expect(isVersion(`1.0.0-${'a'.repeat(122)}`)).toBe(true);
  });

  it('tells a pre-release of the same numbers from others', () => {
    expect(isPrereleaseOf('1.2-rc', '1.2.0')).toBe(true);
    expect(isPrereleaseOf('1.2.0-rc', '1.2.1')).toBe(false);
    expect(isPrereleaseOf('1.2.0', '1.2.0')).toBe(false);
    expect(isPrereleaseOf('1.2.0-a', '1.2.0-b')).toBe(false);
  });
});
