import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { createLimit } from './limit.ts';

describe('a limit', () => {
  beforeEach(() => void jest.useFakeTimers({ now: 1_000_000 }));
  afterEach(() => void jest.useRealTimers());
  const open = (more = {}) =>
    createLimit({ name: 'x', points: 3, windowMs: 60_000, isShared: true, clock: Date.now, ...more });
  async function takeMany(limit: ReturnType<typeof open>, key: string, count: number): Promise<readonly number[]> {
    const waits = [];
    for (let turn = 0; turn < count; turn += 1) waits.push(await limit.take(key));
    return waits;
  }

  it('lets so many of a key pass, then says how long to wait', async () => {
    const limit = open();
    expect(await takeMany(limit, 'a', 2)).toEqual([0, 0]);
    jest.advanceTimersByTime(20_000);
    expect(await takeMany(limit, 'a', 3)).toEqual([0, 40_000, 40_000]);
    expect(await takeMany(limit, 'b', 1)).toEqual([0]);
    jest.advanceTimersByTime(40_000);
    expect(await takeMany(limit, 'a', 4)).toEqual([0, 0, 0, 60_000]);
  });

  it('tells what was used, without what did not pass', async () => {
    const limit = open();
    expect(await limit.used('a')).toEqual({ count: 0, left: Infinity, endsInMs: 0 });
    await takeMany(limit, 'a', 2);
    expect(await limit.used('a')).toEqual({ count: 2, left: 1, endsInMs: 60_000 });
    await takeMany(limit, 'a', 5);
    expect(await limit.used('a')).toEqual({ count: 3, left: 0, endsInMs: 60_000 });
  });

  it('takes back what cost nothing after all, here and from what others are told', async () => {
    const limit = open();
    await takeMany(limit, 'a', 3);
    await limit.forgive('a');
    await limit.forgive('b');
    expect(limit.takeNews()).toEqual(new Map([['a', 2]]));
    expect(await takeMany(limit, 'a', 2)).toEqual([0, 60_000]);
  });

  it('of 0 lets everything pass', async () => {
    const limit = open({ points: 0 });
    expect(await takeMany(limit, 'a', 10)).toEqual(Array(10).fill(0));
    await limit.learn('a', 100);
    expect(await limit.used('a')).toMatchObject({ count: 0, left: Infinity });
  });

  it('counts what others tell, and tells what passed here', async () => {
    const limit = open();
    await takeMany(limit, 'a', 1);
    await limit.learn('a', 2);
    expect(await takeMany(limit, 'a', 2)).toEqual([60_000, 60_000]);
    await takeMany(limit, 'b', 2);
    expect(limit.takeNews()).toEqual(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    );
    expect(limit.takeNews().size).toBe(0);
    const alone = open({ isShared: false });
    await takeMany(alone, 'a', 1);
    expect(alone.takeNews().size).toBe(0);
  });

  it('takes keys of any length, each for itself', async () => {
    const limit = open();
    const [one, other] = ['1', '2'].map((end) => `${'x'.repeat(100_000)}${end}`) as [string, string];
    expect(await takeMany(limit, one, 4)).toEqual([0, 0, 0, 60_000]);
    expect(await takeMany(limit, other, 1)).toEqual([0]);
    expect(await limit.used(one)).toMatchObject({ count: 3 });
    expect([...limit.takeNews().keys()].every((key) => key.length < 100)).toBe(true);
  });

  it('knows no more keys than it is told to, and lets further ones pass until some are forgotten', async () => {
    const limit = open({ mostKeys: 2 });
    await takeMany(limit, 'a', 3);
    await takeMany(limit, 'b', 3);
    expect(await takeMany(limit, 'c', 9)).toEqual(Array(9).fill(0));
    const dump = jest.spyOn(RateLimiterMemory.prototype, 'dump');
    await takeMany(limit, 'd', 9);
    expect(dump).not.toHaveBeenCalled(); // it is dear, and was done a moment ago
    expect(await takeMany(limit, 'a', 1)).toEqual([60_000]);
    jest.advanceTimersByTime(60_000);
    expect(await takeMany(limit, 'c', 4)).toEqual([0, 0, 0, 60_000]);
  });
});
