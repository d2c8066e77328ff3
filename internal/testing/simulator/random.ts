/** Numbers that look random and are the same in each run from the same seed. */
export interface Random {
  /** From 0 up to 1. */
  next(): number;
  /** A whole number below `count`. */
  below(count: number): number;
  /** True in so many of a hundred cases. */
  chance(percent: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** At least one of the items, in their order. */
  some<Item>(items: readonly Item[]): readonly Item[];
}

export function createRandom(seed: number): Random {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  // Mulberry32: small, fast, and good enough to choose who goes next.
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
  const below = (count: number): number => Math.floor(next() * count);
  function pick<Item>(items: readonly Item[]): Item {
    const item = items[below(items.length)];
    if (item === undefined) throw new RangeError('there is nothing to pick from');
    return item;
  }
  return {
    next,
    below,
    chance: (percent) => next() * 100 < percent,
    pick,
    some: (items) => {
      const kept = items.filter(() => next() < 0.5);
      return kept.length > 0 ? kept : [pick(items)];
    },
  };
}
