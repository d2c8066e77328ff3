import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createLimits, type Limits } from './limits.ts';

const TEN_MINUTES = 600_000;
const HOME = '192.0.2.1:5000';

describe('guessing passwords', () => {
  beforeEach(() => void jest.useFakeTimers({ now: 1_000_000 }));
  afterEach(() => void jest.useRealTimers());
  const open = (failures = 10): Limits =>
    createLimits({
      config: { 'auth.limits.requests': 0, 'auth.limits.anonymous': 0, 'auth.limits.failures': failures },
      catalog: { run: () => Promise.reject(new Error('alone')) },
      clock: Date.now,
      isShared: false,
    });

  let checks = 0;
  beforeEach(() => void (checks = 0));
  const attempt = ({ guard }: Limits, user: string, address: string, isRight = false) =>
    guard.attempt({ user, address, requestId: 'r1' }, async () => {
      checks += 1;
      return isRight;
    });
  async function fail(limits: Limits, user: string, address: string, times: number): Promise<void> {
    for (let turn = 0; turn < times; turn += 1) await attempt(limits, user, address);
  }

  it('ends after ten wrong ones for a name from an address, for ten minutes, whatever is tried then', async () => {
    const limits = open();
    await fail(limits, 'ann', HOME, 4);
    jest.advanceTimersByTime(60_000);
    await fail(limits, 'ann', HOME, 6);
    const wait = { retryAfterMs: TEN_MINUTES - 60_000 };
    expect(await attempt(limits, 'ann', '192.0.2.1:6000', true)).toEqual(wait);
    expect(checks).toBe(10);
    jest.advanceTimersByTime(wait.retryAfterMs);
    expect(await attempt(limits, 'ann', HOME, true)).toBe(true);
  });

  it('locks nobody out who comes from elsewhere, and no other name from there', async () => {
    const limits = open();
    await fail(limits, 'ann', HOME, 50);
    expect(await attempt(limits, 'ann', '192.0.2.2:5000', true)).toBe(true);
    expect(await attempt(limits, 'bob', HOME, true)).toBe(true);
  });

  it('ends after a hundred wrong ones from an address, whatever the names', async () => {
    const limits = open();
    for (let turn = 0; turn < 100; turn += 1) await fail(limits, `user ${turn}`, HOME, 1);
    expect(await attempt(limits, 'ann', HOME, true)).toEqual({ retryAfterMs: TEN_MINUTES });
    expect(await attempt(limits, 'ann', '192.0.2.2:5000', true)).toBe(true);
  });

  it('takes an IPv6 network for one address', async () => {
    const limits = open();
    for (let turn = 0; turn < 10; turn += 1) await fail(limits, 'ann', `[2001:db8::${turn}]:1`, 1);
    expect(await attempt(limits, 'ann', '[2001:db8::ffff:9]:2', true)).toMatchObject({ retryAfterMs: TEN_MINUTES });
    expect(await attempt(limits, 'ann', '[2001:db8:0:1::1]:2', true)).toBe(true);
  });

  it('of a name from everywhere at once leaves each address one attempt', async () => {
    const limits = open();
    for (let turn = 0; turn < 10; turn += 1) await fail(limits, 'ann', `198.51.100.${turn}`, 10);
    await fail(limits, 'ann', '203.0.113.1', 5);
    expect(checks).toBe(101);
    expect(await attempt(limits, 'ann', '203.0.113.2', true)).toBe(true);
    expect(await attempt(limits, 'ann', '203.0.113.2', true)).toBe(true);
  });

  it('is checked no more often than it may fail, however many attempts come at once', async () => {
    const limits = open();
    const all = await Promise.all(Array.from({ length: 60 }, () => attempt(limits, 'ann', HOME)));
    expect(checks).toBe(10);
    expect(all.filter((each) => each === false)).toHaveLength(10);
  });

  it('is told apart from many machines that share a name and sign in at once', async () => {
    const limits = open();
    const all = await Promise.all(Array.from({ length: 60 }, () => attempt(limits, 'ci', HOME, true)));
    expect(all).toEqual(Array(60).fill(true));
  });

  it('lets a bounded number wait, and the others come again soon', async () => {
    const limits = open();
    const all = await Promise.all(Array.from({ length: 200 }, () => attempt(limits, 'ci', HOME, true)));
    expect(all.filter((each) => each === true)).toHaveLength(65);
    expect(all.at(-1)).toEqual({ retryAfterMs: 1000 });
  });

  it('gives the turn on where a check fails', async () => {
    const limits = open();
    const broken = limits.guard.attempt({ user: 'ann', address: HOME, requestId: 'r' }, () =>
      Promise.reject(new Error('busy')),
    );
    const next = attempt(limits, 'ann', HOME, true);
    await expect(broken).rejects.toThrow('busy');
    expect(await next).toBe(true);
  });

  it('is not limited where that is switched off', async () => {
    const limits = open(0);
    await fail(limits, 'ann', HOME, 500);
    expect(await attempt(limits, 'ann', HOME, true)).toBe(true);
  });
});
