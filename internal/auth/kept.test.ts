import { beforeEach, describe, expect, it } from '@jest/globals';
import { CoolingDown, createKept, type Kept } from './kept.ts';

describe('what is kept of another server', () => {
  let nowMs: number;
  let calls: number;
  let isAway: boolean;
  let kept: Kept<string>;
  beforeEach(() => {
    [nowMs, calls, isAway] = [1_000_000, 0, false];
    kept = createKept({
      fetch: async () => {
        calls += 1;
        const answer = `answer ${calls}`;
        if (isAway) throw new Error('away');
        return answer;
      },
      clock: () => nowMs,
      freshMs: 1000,
      usableMs: 10_000,
      cooldownMs: 100,
    });
  });

  it('is fetched once while it is fresh', async () => {
    const answers = await Promise.all([kept.get(), kept.get()]);
    nowMs += 999;
    expect([...answers, await kept.get()]).toEqual(['answer 1', 'answer 1', 'answer 1']);
    expect(calls).toBe(1);
  });

  it('serves while a newer one is fetched, which serves next', async () => {
    await kept.get();
    nowMs += 1000;
    expect(await kept.get()).toBe('answer 1');
    await kept.renew();
    expect(await kept.get()).toBe('answer 2');
    expect(calls).toBe(2);
  });

  it('goes on serving while its server is away, asked once in a cooldown', async () => {
    await kept.get();
    isAway = true;
    for (let turn = 0; turn < 50; turn += 1) {
      nowMs += 100;
      expect(await kept.get()).toBe('answer 1');
      expect(await kept.renew()).toBe(false);
    }
    expect(calls).toBeLessThanOrEqual(52);
    nowMs += 10_000;
    await expect(kept.get()).rejects.toThrow('away');
  });

  it('costs one call in a cooldown whatever the flood, also where nothing comes', async () => {
    isAway = true;
    await expect(kept.get()).rejects.toThrow('away');
    for (let turn = 0; turn < 100; turn += 1) {
      await expect(kept.get()).rejects.toThrow(CoolingDown);
      expect(await kept.renew()).toBe(false);
    }
    expect(calls).toBe(1);
    nowMs += 100;
    isAway = false;
    expect(await Promise.all(Array.from({ length: 100 }, () => kept.get()))).toContain('answer 2');
    expect(calls).toBe(2);
  });

  it('is renewed when it is asked for, and not within the cooldown', async () => {
    await kept.get();
    expect(await kept.renew()).toBe(false);
    nowMs += 100;
    expect(await Promise.all([kept.renew(), kept.renew()])).toEqual([true, true]);
    expect([await kept.get(), calls]).toEqual(['answer 2', 2]);
  });
});
