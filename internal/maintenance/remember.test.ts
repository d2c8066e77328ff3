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

  it('forgets old answers for new ones when it remembers very many', async () => {
    const many = 50_000;
    let asked = 0;
    const same = remember(async (item: number) => {
      asked += 1;
      return item;
    });
    for (let item = 0; item < many; item += 1) await same(item);
    await same(many - 1);
    expect(asked).toBe(many);
    await same(0);
    expect(asked).toBe(many + 1);
  });
});
