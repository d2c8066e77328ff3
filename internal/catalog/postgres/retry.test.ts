import { describe, expect, it } from '@jest/globals';
import { retry } from './retry.ts';

function trier(failures: number) {
  const waits: number[] = [];
  let calls = 0;
  const action = async () => {
    calls += 1;
    if (calls <= failures) throw new Error(`failure ${calls}`);
    return calls;
  };
  const patience = { pause: async (ms: number) => void waits.push(ms), random: () => 0.5 };
  return { action, patience, waits, calls: () => calls };
}

describe('retry', () => {
  it('tries again until it succeeds, waiting longer but never long', async () => {
    const { action, patience, waits } = trier(7);
    expect(await retry(action, () => true, patience)).toBe(8);
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 250]);
  });

  it('spreads its waits, so that two that wait for each other part', async () => {
    const { action, patience, waits } = trier(2);
    await retry(action, () => true, { ...patience, random: () => 0 });
    expect(waits).toEqual([2.5, 5]);
  });

  it('gives up after eight attempts, with the last failure', async () => {
    const { action, patience, calls } = trier(Number.POSITIVE_INFINITY);
    await expect(retry(action, () => true, patience)).rejects.toThrow('failure 8');
    expect(calls()).toBe(8);
  });

  it('does not try again what may not be repeated', async () => {
    const { action, patience, waits } = trier(2);
    const mayRepeat = (error: unknown) => (error as Error).message === 'failure 1';
    await expect(retry(action, mayRepeat, patience)).rejects.toThrow('failure 2');
    expect(waits).toHaveLength(1);
  });
});
