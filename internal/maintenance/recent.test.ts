import { describe, expect, it } from '@jest/globals';
import { Recent } from './recent.ts';

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'];

function holding(keys: readonly string[]): Recent<string, string> {
  const recent = new Recent<string, string>(2);
  for (const key of keys) recent.set(key, key.toUpperCase());
  return recent;
}

describe('what came lately', () => {
  it.each([1, 2, 3, 4, 5, 6])('is there, of %i keys the last two at least and no more than four', (count) => {
    const keys = KEYS.slice(0, count);
    const recent = holding(keys);
    const known = keys.filter((key) => recent.get(key) === key.toUpperCase());
    expect(known).toEqual(keys.slice(-known.length));
    expect(known.length).toBeGreaterThanOrEqual(Math.min(count, 2));
    expect(known.length).toBeLessThanOrEqual(4);
  });

  it('is not what never came', () => {
    expect(holding(KEYS).get('x')).toBeUndefined();
  });
});
