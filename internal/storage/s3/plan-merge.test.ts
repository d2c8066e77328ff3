import { describe, expect, it } from '@jest/globals';
import { planMerge } from './plan-merge.ts';

const pieces = (...sizes: readonly number[]): readonly { readonly sizeBytes: number }[] =>
  sizes.map((sizeBytes) => ({ sizeBytes }));

describe('planMerge', () => {
  it.each<[string, readonly number[], ReturnType<typeof planMerge>]>([
    ['leaves few pieces as they are', [1, 1, 1, 1], undefined],
    ['takes a run of one size', [9, 8, 1, 1, 8], { start: 2, count: 2 }],
    ['takes the smaller of two such runs', [9, 9, 5, 1, 1], { start: 3, count: 2 }],
    ['takes a larger run of one size before a smaller one with a large piece', [9, 9, 9, 4, 1], { start: 0, count: 2 }],
    ['takes the first of two that cost the same', [1, 1, 1, 1, 1], { start: 0, count: 2 }],
  ])('%s', (_, sizes, run) => {
    expect(planMerge(pieces(...sizes), 4)).toEqual(run);
  });

  it('copies each byte few times, however many small pieces come', () => {
    const counts = [1, 2, 4].map((times) => {
      let sizes: number[] = [];
      let copied = 0;
      for (let count = 0; count < times * 2000; count += 1) {
        sizes.push(1);
        const run = planMerge(pieces(...sizes), 64);
        if (!run) continue;
        const together = sizes.slice(run.start, run.start + run.count).reduce((sum, size) => sum + size, 0);
        sizes = [...sizes.slice(0, run.start), together, ...sizes.slice(run.start + run.count)];
        copied += together;
      }
      expect(sizes.length).toBeLessThanOrEqual(65);
      return copied / (times * 2000);
    });
    expect(Math.max(...counts)).toBeLessThan(4);
  });
});
