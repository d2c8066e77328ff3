import { describe, expect, it } from '@jest/globals';
import { ratioOf } from '../statistics/spread.ts';
import { boundOf, judgeGrowth } from './verdict.ts';

describe('judgeGrowth', () => {
  const bound = boundOf(1000, 1_000_000);

  it('allows what a logarithm grows by', () => {
    expect(bound).toBeCloseTo(2);
  });

  it.each([
    ['ok', [1, 1, 1], [1.9, 1.9, 1.9]],
    ['ok', [1, 1, 1], [0.5, 0.5, 0.5]],
    ['ok', [1, 50, 1], [1.5, 80, 1.4]],
    ['ok', [1, 1, 1, 1, 1], [1.5, 1.5, 90, 1.5, 1.5]],
    ['close', [1, 1, 1], [1.8, 2.1, 2.3]],
    ['grows', [1, 1, 1], [2.1, 2.2, 2.3]],
    ['grows', [1, 1, 1], [1000, 1000, 1000]],
  ])('says %s where %j beside it are %j', (outcome, small, large) => {
    expect(judgeGrowth(ratioOf(large, small), bound)).toBe(outcome);
  });
});
