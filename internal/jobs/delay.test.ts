import { describe, expect, it } from '@jest/globals';
import { planDelay } from './delay.ts';

const HOUR = 3_600_000;

describe('planDelay', () => {
  it.each([
    ['a job that works', HOUR, 0, HOUR],
    ['a first failure', HOUR, 1, 1000],
    ['a third', HOUR, 3, 4000],
    ['many', HOUR, 50, HOUR],
    ['a busy job that works', 1000, 0, 1000],
    ['its many failures', 1000, 50, 60_000],
  ])('after %s', (_, intervalMs, failures, expected) => {
    expect(planDelay(intervalMs, failures, 0.5)).toBe(expected);
  });

  it('spreads by a tenth', () => {
    expect([planDelay(1000, 0, 0), planDelay(1000, 0, 1)]).toEqual([900, 1100]);
  });
});
