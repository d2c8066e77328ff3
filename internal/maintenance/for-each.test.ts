import { describe, expect, it } from '@jest/globals';
import { forEach } from './for-each.ts';

describe('forEach', () => {
  it('acts on all items, on so many at a time and no more', async () => {
    let [running, most] = [0, 0];
    const seen: number[] = [];
    await forEach([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      seen.push(item);
    });
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  it('throws the first failure when what had begun has ended, and begins nothing more', async () => {
    const ended: number[] = [];
    let isClosed = false;
    async function* items(): AsyncGenerator<number> {
      try {
        for (let item = 1; item < 100; item += 1) yield item;
      } finally {
        isClosed = true;
      }
    }
    const act = async (item: number): Promise<void> => {
      if (item === 2) throw new Error('the second');
      await new Promise(setImmediate);
      ended.push(item);
    };
    await expect(forEach(items(), 3, act)).rejects.toThrow('the second');
    expect(ended).toEqual([1, 3]);
    expect(isClosed).toBe(true);
  });

  it('throws what the items fail with', async () => {
    async function* items(): AsyncGenerator<number> {
      yield 1;
      throw new Error('a disk');
    }
    await expect(forEach(items(), 2, async () => undefined)).rejects.toThrow('a disk');
  });
});
