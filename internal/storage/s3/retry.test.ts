import { beforeEach, describe, expect, it } from '@jest/globals';
import { pauseMs, retrying, TRIES } from './retry.ts';

const named = (name: string): Error => Object.assign(new Error(name), { name });

describe('retrying', () => {
  let nowMs: number;
  let waits: number[];
  const retry = {
    clock: () => nowMs,
    random: () => 0,
    wait: async (ms: number) => void waits.push(ms),
  };
  const failing = (times: number, failure: Error, tookMs = 0): (() => Promise<number>) => {
    let calls = 0;
    return async () => {
      calls += 1;
      nowMs += tookMs;
      if (calls <= times) throw failure;
      return calls;
    };
  };

  beforeEach(() => {
    nowMs = 0;
    waits = [];
  });

  it('makes a call once that succeeds', async () => {
    expect(await retrying(retry, failing(0, named('InternalError')))).toBe(1);
    expect(waits).toEqual([]);
  });

  it('makes it again after failures that pass, waiting longer each time', async () => {
    expect(await retrying(retry, failing(3, named('InternalError')))).toBe(4);
    expect(waits).toEqual([50, 100, 200]);
  });

  it('waits longer where S3 asks to slow down', async () => {
    expect(await retrying(retry, failing(3, named('SlowDown')))).toBe(4);
    expect(waits).toEqual([250, 500, 1000]);
  });

  it('gives up after some attempts', async () => {
    await expect(retrying(retry, failing(TRIES, named('InternalError')))).rejects.toThrow('InternalError');
    expect(waits).toHaveLength(TRIES - 1);
    await expect(retrying(retry, failing(1, named('InternalError')), 1)).rejects.toThrow('InternalError');
  });

  it('gives up after some time', async () => {
    await expect(retrying(retry, failing(3, named('TimeoutError'), 30_000))).rejects.toThrow('TimeoutError');
    expect(waits).toHaveLength(1);
  });

  it.each(['NoSuchKey', 'AccessDenied', 'TypeError'])('does not repeat what will not pass: %s', async (name) => {
    await expect(retrying(retry, failing(1, named(name)))).rejects.toThrow(name);
    expect(waits).toEqual([]);
  });

  it('waits no longer than some seconds, and not all at the same time', () => {
    expect(pauseMs(named('SlowDown'), 20, 0)).toBe(2500);
    expect(pauseMs(named('SlowDown'), 20, 0.999)).toBeCloseTo(5000, -1);
  });
});
