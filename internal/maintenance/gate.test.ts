import { describe, expect, it } from '@jest/globals';
import { createGate } from './gate.ts';

describe('a gate', () => {
  it('lets so many act at a time and no more, all in their order', async () => {
    const gate = createGate(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const act = (item: number) => () =>
      new Promise<number>((resolve) => {
        begun.push(item);
        ends.push(() => resolve(item));
      });
    const all = Promise.all([1, 2, 3, 4].map((item) => gate(act(item))));
    for (const expected of [
      [1, 2],
      [1, 2, 3],
      [1, 2, 3, 4],
    ]) {
      expect(begun).toEqual(expected);
      ends.shift()?.();
      await new Promise(setImmediate);
    }
    for (const end of ends) end();
    expect(await all).toEqual([1, 2, 3, 4]);
  });

  it('gives the place on where one fails', async () => {
    const gate = createGate(1);
    const failing = gate(() => Promise.reject(new Error('no')));
    const next = gate(async () => 'yes');
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });
});
