import { describe, expect, it } from '@jest/globals';
import { Histogram } from '../statistics/histogram.ts';
import { clientFigures, watchedFigures } from './figures.ts';
import { overloadRows } from './table.ts';
import type { Figure } from './types.ts';
import { isMissed, missedFigures } from './verdict.ts';

const figure = (value: number, kind: 'most' | 'least', bound: number): Figure => ({
  name: 'x',
  unit: 'count',
  value,
  bound: { kind, value: bound },
});

describe('a figure', () => {
  it.each([
    [figure(1, 'most', 1), false],
    [figure(2, 'most', 1), true],
    [figure(1, 'least', 1), false],
    [figure(0, 'least', 1), true],
    [figure(Number.NaN, 'most', 1), true],
    [figure(Number.NaN, 'least', 1), true],
    [{ name: 'x', unit: 'count', value: 5 } as const, false],
  ])('%j is missed: %s', (one, missed) => {
    expect(isMissed(one)).toBe(missed);
  });
});

describe('what clients saw', () => {
  const round = {
    answers: 10,
    elapsedMs: 500,
    latency: new Histogram(),
    receivedBytes: 0,
    sentBytes: 0,
    pushed: [],
    busy: 0,
  };

  it('is as it should be where some were refused, and not where an answer was broken', () => {
    const errors = { 'GET blobs: 503 where 200 was due': 3 };
    const phase = (refused: number) => {
      const figures = clientFigures({ ...round, operations: 10, errors, refused });
      return { name: 'crowd', doc: 'of many', figures, errors };
    };
    expect(missedFigures([phase(3)])).toBe(0);
    expect(missedFigures([phase(3), phase(2)])).toBe(1);
    expect(overloadRows([phase(2)])).toContainEqual(['  broken', '1', 'at most 0', 'MISSED']);
    expect(overloadRows([phase(2)])).toContainEqual(['  GET blobs: 503 where 200 was due', '3', '', '']);
    expect(overloadRows([phase(3)])).toContainEqual(['  rate', '20.0/s', '', '']);
  });
});

describe('what was seen of the server', () => {
  const well = { aliveMs: 20, readyMs: 30, newMs: 5000, probes: 10, failedProbes: 0, peakBytes: 150 };

  it.each([
    ['nothing', {}, []],
    ['a probe that took long', { aliveMs: 1001 }, ['slowest /healthz']],
    ['a probe of the stores that took long', { readyMs: 1001 }, ['slowest /readyz']],
    ['a probe without an answer', { failedProbes: 1 }, ['probes that failed']],
    ['too much memory', { peakBytes: 151 }, ['memory above that, at most']],
  ])('says that %s was wrong', (_what, more, missed) => {
    const figures = watchedFigures({ ...well, ...more }, 100, 50);
    expect(figures.filter(isMissed).map(({ name }) => name)).toEqual(missed);
  });
});
