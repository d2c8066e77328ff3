import { describe, expect, it } from '@jest/globals';
import { SlotPool } from './slots.ts';

describe('SlotPool', () => {
  it('lends no more than its limit, and none twice at once', () => {
    const pool = new SlotPool(2, () => new Uint8Array(1));
    const [first, second] = [pool.take(), pool.take()];
    expect(first?.bytes).not.toBe(second?.bytes);
    expect(pool.take()).toBeUndefined();
    expect(pool.inUse).toBe(2);
  });

  it('uses again what was given back', () => {
    let made = 0;
    const pool = new SlotPool(2, () => new Uint8Array((made += 1)));
    pool.take()?.release();
    pool.take()?.release();
    expect(made).toBe(1);
    expect(pool.inUse).toBe(0);
  });

  it('does not take a buffer back twice', () => {
    const pool = new SlotPool(2, () => new Uint8Array(1));
    const slot = pool.take();
    slot?.release();
    slot?.release();
    const [one, other] = [pool.take(), pool.take()];
    expect(pool.inUse).toBe(2);
    expect(one?.bytes).not.toBe(other?.bytes);
  });
});
