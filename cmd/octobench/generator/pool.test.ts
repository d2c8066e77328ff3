import { describe, expect, it } from '@jest/globals';
import { Histogram } from '../statistics/histogram.ts';
import type { LoadResult } from './load.ts';
import { mergeResults, shareOut } from './pool.ts';

function resultOf(more: Partial<LoadResult>, latenciesMs: readonly number[] = []): LoadResult {
  const histogram = new Histogram();
  for (const ms of latenciesMs) histogram.record(ms);
  const zero = {
    answers: 0,
    elapsedMs: 0,
    receivedBytes: 0,
    sentBytes: 0,
    errors: {},
    refused: 0,
    pushed: [],
    busy: 0,
  };
  return { ...zero, operations: latenciesMs.length, latency: histogram.counts, ...more };
}

describe('shareOut', () => {
  it.each([
    [32, 1, [32]],
    [32, 2, [16, 16]],
    [5, 3, [1, 2, 2]],
    [1, 4, [1]],
  ])('gives %d connections to %d processes evenly, and none to nobody', (connections, processes, shares) => {
    expect(shareOut(connections, processes)).toEqual(shares);
  });
});

describe('mergeResults', () => {
  it('adds up what was done, and lasts as long as the longest', () => {
    const merged = mergeResults([
      resultOf(
        { answers: 7, elapsedMs: 900, receivedBytes: 10, sentBytes: 1, busy: 0.2, errors: { a: 1, b: 1 }, refused: 1 },
        [1, 2],
      ),
      resultOf(
        { answers: 8, elapsedMs: 1000, receivedBytes: 20, sentBytes: 2, busy: 0.9, errors: { b: 2 }, refused: 2 },
        [3],
      ),
    ]);
    expect(merged).toMatchObject({
      operations: 3,
      answers: 15,
      elapsedMs: 1000,
      receivedBytes: 30,
      sentBytes: 3,
      busy: 0.9,
      errors: { a: 1, b: 3 },
      refused: 3,
    });
    expect(merged.latency.total).toBe(3);
    expect(merged.latency.quantile(1)).toBeGreaterThan(2.9);
  });
});
