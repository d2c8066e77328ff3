import { UsageError } from '../../../internal/cli/index.ts';
import { UNIT } from './layout.ts';

export const SIZES = '1000,100000,5000000';
const MOST = 99_999_000;

/** The sizes to measure at, from a list such as `1000,100000`. */
export function parseSizes(text: string): readonly number[] {
  const sizes = text.split(',').map(Number);
  for (const [place, size] of sizes.entries()) {
    if (!Number.isInteger(size) || size < UNIT || size > MOST || size % UNIT !== 0) {
      throw new UsageError(`--sizes ${text}: each is a multiple of ${UNIT}, up to ${MOST}`);
    }
    if (size <= (sizes[place - 1] ?? 0)) throw new UsageError(`--sizes ${text}: each is larger than the one before`);
  }
  if (sizes.length < 2) throw new UsageError(`--sizes ${text}: two at least, to compare`);
  return sizes;
}

/** What to do at one size: to which sizes the store was grown by then, and whether it is to be grown now. */
export interface GrowthStep {
  readonly ends: readonly number[];
  readonly grows: boolean;
}

/** How a store that was grown to `ends` comes to each of the sizes. A store does not shrink. */
export function planGrowth(sizes: readonly number[], ends: readonly number[]): readonly GrowthStep[] {
  const reached = ends.at(-1) ?? 0;
  const smaller = sizes.find((size) => size < reached);
  if (smaller !== undefined) {
    throw new UsageError(`the store has ${reached} images already: --sizes ${smaller} needs another --folder`);
  }
  let known = ends;
  return sizes.map((size) => {
    const grows = size !== known.at(-1);
    if (grows) known = [...known, size];
    return { ends: known, grows };
  });
}
