import type { Spread } from '../statistics/spread.ts';

/** `ok`: grows no faster than a logarithm; `close`: by no more than the measured spread; `grows`: faster. */
export type GrowthOutcome = 'ok' | 'close' | 'grows';

/** How much more a logarithm is of the one size than of the other. */
export const boundOf = (small: number, large: number): number => Math.log(large) / Math.log(small);

/** Judges what something takes at a size, in terms of what it takes at the smallest, by the most that is allowed. */
export function judgeGrowth({ middle, low }: Spread, bound: number): GrowthOutcome {
  if (middle <= bound) return 'ok';
  return low <= bound ? 'close' : 'grows';
}
