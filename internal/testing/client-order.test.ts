import { describe, expect, it } from '@jest/globals';
import { compareAsClient } from './client-order.ts';

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
