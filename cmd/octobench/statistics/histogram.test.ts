import { describe, expect, it } from '@jest/globals';
import { Histogram } from './histogram.ts';

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

describe('Histogram', () => {
  it.each([0, 0.001, 0.063, 0.064, 0.0655, 1, 1.234, 63.9, 1000, 59_999])(
    'gives %d ms back to within one part in sixty-four',
    (value) => {
      expect(Math.abs(histogramOf([value]).quantile(0.5) - value)).toBeLessThanOrEqual(Math.max(value / 64, 0.0006));
    },
  );

  it('finds the quantiles of what was recorded, in whatever order', () => {
    const values = Array.from({ length: 1000 }, (_, index) => ((index * 7919) % 1000) + 1);
    const histogram = histogramOf(values);
    for (const part of [0.01, 0.5, 0.9, 0.99, 1]) {
      expect(Math.abs(histogram.quantile(part) / (1000 * part) - 1)).toBeLessThan(0.02);
    }
  });

  it('adds up to what one would have counted, also over a message', () => {
    const [some, others] = [
      [1, 2, 3],
      [4, 5, 600],
    ];
    const sum = histogramOf(some);
    sum.add(new Histogram(structuredClone(histogramOf(others).counts)));
    const all = histogramOf([...some, ...others]);
    expect(sum.total).toBe(6);
    for (const part of [0.1, 0.5, 0.9, 1]) expect(sum.quantile(part)).toBe(all.quantile(part));
  });

  it('counts what is longer than half an hour as that, and what is negative as nothing', () => {
    const histogram = histogramOf([1e9, -5]);
    expect(histogram.quantile(1)).toBeGreaterThan(30 * 60_000);
    expect(histogram.quantile(0.5)).toBe(0);
  });

  it('is 0 where nothing was recorded', () => {
    expect(new Histogram().quantile(0.99)).toBe(0);
  });
});
