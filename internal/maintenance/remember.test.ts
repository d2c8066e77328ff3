import { describe, expect, it } from '@jest/globals';
import { remember } from './remember.ts';

describe('remember', () => {
  it('asks once, also of several who ask at the same time', async () => {
    const asked: string[] = [];
    const lengthOf = remember(async (text: string) => {
      asked.push(text);
      await new Promise(setImmediate);
      return text.length;
    });
    expect(await Promise.all([lengthOf('a'), lengthOf('bb'), lengthOf('a')])).toEqual([1, 2, 1]);
    expect(await lengthOf('bb')).toBe(2);
    expect(asked).toEqual(['a', 'bb']);
  });

  it('forgets the oldest answer for a new one when it remembers very many', async () => {
    let asked = 0;
    const same = remember(async (item: number) => {
      asked += 1;
      return item;
    });
    for (let item = 0; item <= 10_000; item += 1) await same(item);
    await same(1);
    expect(asked).toBe(10_001);
    await same(0);
    expect(asked).toBe(10_002);
  });
});
