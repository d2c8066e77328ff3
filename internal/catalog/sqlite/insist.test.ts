import { describe, expect, it } from '@jest/globals';
import { CatalogError } from '../types.ts';
import { insist } from './insist.ts';

const busy = new CatalogError('busy', 'locked');

function trier(failures: number, error: Error = busy) {
  const waits: number[] = [];
  let calls = 0;
  const action = () => {
    calls += 1;
    if (calls <= failures) throw error;
    return calls;
  };
  const patience = { pause: (ms: number) => void waits.push(ms), random: () => 0.5 };
  return { action, patience, waits, total: () => waits.reduce((sum, ms) => sum + ms, 0) };
}

describe('insist', () => {
  it('tries again until it succeeds, waiting longer but never long', () => {
    const { action, patience, waits } = trier(8);
    expect(insist(action, patience)).toBe(9);
    expect(waits).toEqual([0.25, 0.5, 1, 2, 4, 4, 4, 4]);
  });

  it('spreads its waits, so that two that wait for each other part', () => {
    const { action, patience, waits } = trier(1);
    insist(action, { ...patience, random: () => 0 });
    const other = trier(1);
    insist(other.action, { ...other.patience, random: () => 1 });
    expect([waits[0], other.waits[0]]).toEqual([0.125, 0.375]);
  });

  it('gives up after so long, with what it was told', () => {
    const { action, patience, total } = trier(Infinity);
    expect(() => insist(action, patience, 100)).toThrow(busy);
    expect(total()).toBeGreaterThanOrEqual(100);
    expect(total()).toBeLessThan(110);
  });

  it('does not try again what waiting cannot help', () => {
    const { action, patience, waits } = trier(1, new Error('a bug'));
    expect(() => insist(action, patience)).toThrow('a bug');
    expect(waits).toEqual([]);
  });
});
