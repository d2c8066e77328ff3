import { describe, expect, it } from '@jest/globals';
import { boundOf, judgeGrowth } from './verdict.ts';

describe('judgeGrowth', () => {
  const bound = boundOf(1000, 1_000_000);

  it('allows what a logarithm grows by', () => {
    expect(bound).toBeCloseTo(2);
  });

  it.each([
    ['ok', [1, 1, 1], [2, 2, 2]],
    ['ok', [1, 1, 1], [0.5, 0.5, 0.5]],
    ['close', [1, 1.1, 1.2], [2.2, 2.3, 2.4]],
    ['grows', [1, 1, 1], [2.1, 2.2, 2.3]],
    ['grows', [1, 1, 1], [1000, 1000, 1000]],
  ])('says %s where %j became %j', (outcome, small, large) => {
    expect(judgeGrowth(bound, { small, large }).outcome).toBe(outcome);
  });

  it('goes by the middle of the rounds: one that was disturbed says nothing', () => {
    const verdict = judgeGrowth(bound, { small: [1, 1, 1, 1, 1], large: [1.5, 1.5, 90, 1.5, 1.5] });
    expect(verdict).toMatchObject({ outcome: 'ok', ratio: { middle: 1.5, low: 1.5, high: 1.5 } });
  });
});
