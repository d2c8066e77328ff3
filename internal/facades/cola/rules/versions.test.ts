import { describe, expect, it } from '@jest/globals';
import { compareAsClient } from './client-order.ts';
import { isPrereleaseOf, isVersion, sortVersions } from './versions.ts';

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

  it('orders by semantic precedence, short forms among them, ties by text', () => {
    const ordered = [
      '0.9',
      '1.0.0-1',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-rc.2',
      '1.0.0-rc.10',
      '1',
      '1.0',
      '1.0.0',
      '1.0.0+b',
      '1.0.1',
      '1.2',
      '1.10',
      '2',
      '99999999999999999999',
      '100000000000000000000',
    ];
    const mixed = ordered.toSorted((a, b) =>
      a.split('').toReversed().join('') < b.split('').toReversed().join('') ? -1 : 1,
    );
    expect(sortVersions(mixed.map((version) => ({ version }))).map(({ version }) => version)).toEqual(ordered);
  });

  it('tells a pre-release of the same numbers from others', () => {
    expect(isPrereleaseOf('1.2-rc', '1.2.0')).toBe(true);
    expect(isPrereleaseOf('1.2.0-rc', '1.2.1')).toBe(false);
    expect(isPrereleaseOf('1.2.0', '1.2.0')).toBe(false);
    expect(isPrereleaseOf('1.2.0-a', '1.2.0-b')).toBe(false);
  });
});

describe('the order of command-launcher', () => {
  it.each([
    ['1.0.0', '1.0.0-rc1'],
    ['1.0.0-rc10', '1.0.0-rc9'],
    ['1.2', '1.10'],
    ['1', '1.0.1'],
    ['v1.0.0', 'v1.0.1'],
  ])('has %s below %s', (lower, higher) => {
    expect(compareAsClient(lower, higher)).toBeLessThan(0);
    expect(compareAsClient(higher, lower)).toBeGreaterThan(0);
  });

  it.each([
    ['1.0.0-beta.1', '1.0.0-beta.2'],
    ['1.0.0+b1', '1.0.0+b2'],
    ['1', '1.0.0'],
  ])('takes %s and %s for the same', (a, b) => {
    expect(compareAsClient(a, b)).toBe(0);
  });
});
