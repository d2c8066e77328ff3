import { spreadOf, type Spread } from '../statistics/spread.ts';

/** `ok`: grows no faster than a logarithm; `close`: by no more than the measured spread; `grows`: faster. */
export type GrowthOutcome = 'ok' | 'close' | 'grows';

export interface GrowthVerdict {
  readonly outcome: GrowthOutcome;
  /** What it takes at the largest size, in terms of what it takes at the smallest. */
  readonly ratio: Spread;
  /** The most that a logarithm allows. */
  readonly bound: number;
}

/** How much more a logarithm is of the one than of the other. */
export const boundOf = (small: number, large: number): number => Math.log(large) / Math.log(small);

/**
 * Judges by the rounds at both sizes. The store grows from one to the other, so that rounds cannot be paired: the ratio
 * lies between those of the quartiles farthest apart.
 */
export function judgeGrowth(
  bound: number,
  { small, large }: { readonly small: readonly number[]; readonly large: readonly number[] },
): GrowthVerdict {
  const [before, after] = [spreadOf(small), spreadOf(large)];
  const ratio = {
    middle: after.middle / before.middle,
    low: after.low / before.high,
    high: after.high / before.low,
  };
  if (ratio.middle <= bound) return { outcome: 'ok', ratio, bound };
  return { outcome: ratio.low <= bound ? 'close' : 'grows', ratio, bound };
}
