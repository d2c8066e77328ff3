import { describe, expect, it } from '@jest/globals';
import { contentOf, gather, spanOf } from './content.ts';
import { readAll } from './fixtures.suite.ts';

describe('content in memory', () => {
  it('gives all, or the bytes of a range', async () => {
    const content = contentOf(Buffer.from('helloworld'));
    const read = async (range?: { start: number; end: number }): Promise<string> =>
      (await readAll(content, range)).toString();
    expect(content.sizeBytes).toBe(10);
    expect(await read()).toBe('helloworld');
    expect(await read({ start: 5, end: 9 })).toBe('world');
    expect(await read({ start: 0, end: 0 })).toBe('h');
  });

  it('gives no chunk where there are no bytes', async () => {
    expect(await contentOf(Buffer.alloc(0)).read()[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
  });
});

describe('spanOf', () => {
  it.each([
    { start: -1, end: 3 },
    { start: 3, end: 2 },
    { start: 0, end: 10 },
    { start: 10, end: 10 },
  ])('refuses the range %j of ten bytes', (range) => {
    expect(() => spanOf(10, range)).toThrow(RangeError);
  });
});

describe('gather', () => {
  it('closes the content, also where it is too large', async () => {
    for (const limit of [4, 5]) {
      let closed = 0;
      const content = { ...contentOf(Buffer.from('hello')), close: async () => void (closed += 1) };
      const bytes = await gather(content, limit);
      expect(bytes && Buffer.from(bytes).toString()).toBe(limit === 5 ? 'hello' : undefined);
      expect(closed).toBe(1);
    }
  });
});
