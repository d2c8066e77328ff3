import { expect, it } from '@jest/globals';
import type { Readings, Round } from './measure.ts';
import { rowsOf } from './report.ts';

const MIB = 1024 * 1024;
const readings = (p99Ms: number, peakMib: number): Readings => ({
  requests: 10,
  p50Ms: 1,
  p99Ms,
  longestMs: 20,
  peakBytes: peakMib * MIB,
});
const round = (without: number, during: number, isLast: boolean): Round => ({
  idleBytes: 100 * MIB,
  without: readings(without, 101),
  during: readings(during, 110),
  collectionSeconds: 2.5,
  isLast,
});

it('compares both halves of each round, and adds up what was collected', () => {
  const rounds = [round(2, 2, false), round(10, 15, false), round(4, 8, true)];
  const rows = rowsOf({ rounds, deletedBlobs: 30 }).map((row) => row.slice(0, 2));
  expect(rows.slice(-3)).toEqual([
    ['during / without', 'p50 1.00 (1.00 to 1.00), p99 1.50 (1.25 to 1.75)'],
    ['memory above idle', '10 MiB'],
    ['collected', '30 blobs in 7.5 s'],
  ]);
});
