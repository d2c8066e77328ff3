import { describe, expect, it } from '@jest/globals';
import { quantileOf, ratioOf, spreadOf } from './spread.ts';

describe('quantileOf', () => {
  it.each([
    [[5], 0.9, 5],
    [[3, 1, 2], 0.5, 2],
    [[1, 2, 3, 4], 0.5, 2.5],
    [[1, 2, 3, 4, 5], 0.25, 2],
    [[1, 2, 3, 4, 5], 1, 5],
  ])('of %j at %d is %d', (values, part, expected) => {
    expect(quantileOf(values, part)).toBe(expected);
  });

  it('is no number where there are no values', () => {
    expect(quantileOf([], 0.5)).toBeNaN();
  });
});

describe('spreadOf', () => {
  it('is the median between the quartiles', () => {
    expect(spreadOf([10, 30, 20, 50, 40])).toEqual({ middle: 30, low: 20, high: 40 });
  });
});

describe('ratioOf', () => {
  it('compares round by round, so that a slow moment of the machine does not count', () => {
    expect(ratioOf([20, 2, 40], [10, 1, 20])).toEqual({ middle: 2, low: 2, high: 2 });
  });

  it('leaves rounds out in which one of them came to nothing', () => {
    expect(ratioOf([20, 20, 0, 20], [10, 0, 10, 10]).middle).toBe(2);
  });
});
