import { describe, expect, it } from '@jest/globals';
import { assert, nat, property } from 'fast-check';
import { formatDuration, parseDuration } from './duration.ts';

describe('parseDuration', () => {
  it.each([
    ['30s', 30_000],
    ['2m', 120_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1.s', 1000],
    ['0s', 0],
    ['0', 0],
    ['250ms', 250],
    ['1h0m0.001s', 3_600_001],
    ['1500us', 2],
    ['1µs', 1],
    ['1μs', 1],
    ['1ns', 1],
    ['0.1s', 100],
    ['0.3s', 300],
  ])('reads %s as %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', 'soon', '30', '-1s', '+1s', '1 s', '1s ', 's', '1d', '1S', '.s', '1..5s', '1e3s', '9999999999h'])(
    'refuses %j',
    (text) => expect(parseDuration(text)).toBeUndefined(),
  );
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [1, '1ms'],
    [1000, '1s'],
    [1500, '1.5s'],
    [120_000, '2m0s'],
    [90_000, '1m30s'],
    [3_600_000, '1h0m0s'],
    [86_400_000, '24h0m0s'],
    [3_600_050, '1h0m0.05s'],
  ])('prints %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('prints what parseDuration reads back as the same', () => {
    expect(() => assert(property(nat({ max: 1e10 }), (ms) => parseDuration(formatDuration(ms)) === ms))).not.toThrow();
  });
});
