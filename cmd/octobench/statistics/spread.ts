/** What several rounds came to: the median, and the quartiles between which half of the rounds lay. */
export interface Spread {
  readonly middle: number;
  readonly low: number;
  readonly high: number;
}

/** The value that this part (0 to 1) of the values lies below, between two values where it falls there. */
export function quantileOf(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = part * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)] ?? Number.NaN, sorted[Math.ceil(place)] ?? Number.NaN];
  return below + (above - below) * (place - Math.floor(place));
}

export function spreadOf(values: readonly number[]): Spread {
  return { middle: quantileOf(values, 0.5), low: quantileOf(values, 0.25), high: quantileOf(values, 0.75) };
}

/**
 * How the one compares with the other, round by round: both values of a round were measured side by side, so that what
 * disturbs the machine for a while disturbs both. Rounds in which one of them came to nothing are left out.
 */
export function ratioOf(values: readonly number[], to: readonly number[]): Spread {
  const ratios = values.map((value, round) => value / (to[round] ?? Number.NaN));
  return spreadOf(ratios.filter((ratio) => Number.isFinite(ratio) && ratio > 0));
}
