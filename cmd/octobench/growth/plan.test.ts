import { describe, expect, it } from '@jest/globals';
import { parseSizes, planGrowth, SIZES } from './plan.ts';

describe('parseSizes', () => {
  it('reads the default', () => {
    expect(parseSizes(SIZES)).toEqual([1000, 100_000, 5_000_000]);
  });

  it.each([
    '',
    '1000',
    '1000,',
    '1000,1500',
    '0,1000',
    '-1000,1000',
    '2000,1000',
    '1000,1000',
    '1000,1e12',
    '1000,many',
  ])('refuses %j', (text) => {
    expect(() => parseSizes(text)).toThrow(expect.objectContaining({ name: 'UsageError' }));
  });
});

describe('planGrowth', () => {
  it('grows one store from size to size', () => {
    expect(planGrowth([1000, 5000], [])).toEqual([
      { ends: [1000], grows: true },
      { ends: [1000, 5000], grows: true },
    ]);
  });

  it('goes on where an earlier run left the store', () => {
    expect(planGrowth([5000, 9000], [1000, 5000])).toEqual([
      { ends: [1000, 5000], grows: false },
      { ends: [1000, 5000, 9000], grows: true },
    ]);
  });

  it('refuses a size that the store has outgrown', () => {
    expect(() => planGrowth([1000, 9000], [5000])).toThrow('--sizes 1000 needs another --folder');
  });
});
