import { describe, expect, it } from '@jest/globals';
import { formatNumber, formatRate, formatRatio, formatSize, formatSpread, formatTime } from './format.ts';

describe('formats', () => {
  it.each([
    [0, '0'],
    [0.01234, '0.0123'],
    [1, '1.00'],
    [4.567, '4.57'],
    [45.67, '45.7'],
    [999.6, '1,000'],
    [12_345, '12,300'],
    [Number.NaN, '-'],
  ])('a number %d as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1500, '1.50 kB'],
    [2.5e9, '2.50 GB'],
    [4e15, '4,000 TB'],
  ])('%d bytes as %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  it('rates, times, spreads and ratios', () => {
    expect(formatRate(12_345, 'operations')).toBe('12,300/s');
    expect(formatRate(2.5e9, 'bytes')).toBe('2.50 GB/s');
    expect([0.1234, 12, 1234].map(formatTime)).toEqual(['0.123 ms', '12.0 ms', '1.23 s']);
    expect(formatSpread({ middle: 100, low: 90, high: 104 })).toBe('±10 %');
    expect(formatSpread({ middle: 0, low: 0, high: 0 })).toBe('-');
    expect(formatRatio({ middle: 2, low: 1.5, high: 2.25 })).toBe('2.00 x (1.50 to 2.25)');
  });
});
