import { describe, expect, it } from '@jest/globals';
import type { Measured } from '../measure/rounds.ts';
import { Histogram } from '../statistics/histogram.ts';
import { errorCount, ratiosOf, reportTarget } from './report.ts';

function round(operations: number, more: Partial<Measured> = {}): Measured {
  const latency = new Histogram();
  for (let count = 0; count < operations; count += 1) latency.record(2);
  const zero = {
    answers: 0,
    elapsedMs: 500,
    receivedBytes: 0,
    sentBytes: 0,
    errors: {},
    refused: 0,
    pushed: [],
    busy: 0,
    cpuSeconds: undefined,
    rssBytes: undefined,
  };
  return { ...zero, operations, latency, ...more };
}

const place = (name: string) => ({ name, url: `http://${name}` });

describe('reportTarget', () => {
  it('counts operations by the second', () => {
    const report = reportTarget(place('a'), 'operations', [round(100), round(300), round(200)]);
    expect(report.rounds).toEqual([200, 600, 400]);
    expect(report.rate).toEqual({ middle: 400, low: 300, high: 500 });
    expect(report.operations).toBe(600);
    expect(report.latency.p99).toBeCloseTo(2, 1);
  });

  it('counts bytes of both directions where the workload is about those', () => {
    const rounds = [round(1, { receivedBytes: 900, sentBytes: 100 })];
    expect(reportTarget(place('a'), 'bytes', rounds).rate.middle).toBe(2000);
  });

  it('says what an operation cost, the most memory, and every error', () => {
    const report = reportTarget(place('a'), 'operations', [
      round(100, { cpuSeconds: 0.1, rssBytes: 10, errors: { a: 1 }, busy: 0.5 }),
      round(100, { cpuSeconds: 0.3, rssBytes: 30, errors: { a: 1, b: 2 }, busy: 0.7 }),
    ]);
    expect(report).toMatchObject({ rssBytes: 30, errors: { a: 2, b: 2 }, busy: 0.7 });
    expect(report.cpuMs?.middle).toBeCloseTo(2);
    expect(
      errorCount({
        workloads: [
          { ...place('w'), doc: '', counts: 'bytes', connections: 1, targets: [report], skipped: {}, ratios: [] },
        ],
      }),
    ).toBe(4);
  });

  it('says nothing of the processes of a server elsewhere', () => {
    expect(reportTarget(place('a'), 'operations', [round(1)])).toMatchObject({ cpuMs: undefined, rssBytes: undefined });
  });
});

describe('ratiosOf', () => {
  it('compares each with the last one', () => {
    const targets = [
      reportTarget(place('a'), 'operations', [round(100), round(50)]),
      reportTarget(place('b'), 'operations', [round(50), round(25)]),
    ];
    expect(ratiosOf(targets)).toEqual([{ of: 'a', to: 'b', ratio: { middle: 2, low: 2, high: 2 } }]);
    expect(ratiosOf(targets.slice(0, 1))).toEqual([]);
  });
});
