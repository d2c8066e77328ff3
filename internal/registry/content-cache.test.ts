import { describe, expect, it, jest } from '@jest/globals';
import { digestOf, type Digest } from '../../pkg/oci/index.ts';
import { createContentCache } from './content-cache.ts';

const KIB = 1024;
const digest = (text: string): Digest => digestOf(Buffer.from(text));
const give = (sizeBytes: number) => async () => new Uint8Array(sizeBytes);

describe('createContentCache', () => {
  it('answers from memory what it has loaded once', async () => {
    const cache = createContentCache<never>(16 * KIB);
    const load = jest.fn(give(100));
    await cache.get(digest('a'), load);
    expect(await cache.get(digest('a'), load)).toHaveLength(100);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('never holds more than its limit, whatever is asked of it', async () => {
    const cache = createContentCache<never>(16 * KIB);
    for (let turn = 0; turn < 200; turn += 1) {
      await cache.get(digest(`a${turn}`), give((turn * 37) % (2 * KIB)));
      expect(cache.usedBytes).toBeLessThanOrEqual(16 * KIB);
    }
    expect(cache.usedBytes).toBeGreaterThan(8 * KIB);
  });

  it('lets the least recently used go first', async () => {
    const cache = createContentCache<never>(16 * KIB);
    const size = KIB - 256; // with what an entry costs besides: 1 KiB
    for (let turn = 0; turn < 16; turn += 1) await cache.get(digest(`a${turn}`), give(size));
    cache.peek(digest('a0'));
    await cache.get(digest('one more'), give(size));
    expect(cache.peek(digest('a0'))).toBeDefined();
    expect(cache.peek(digest('a1'))).toBeUndefined();
  });

  it('does not keep what would push out an eighth of the rest', async () => {
    const cache = createContentCache<never>(16 * KIB);
    await cache.get(digest('large'), give(2 * KIB));
    expect(cache.peek(digest('large'))).toBeUndefined();
    expect(cache.usedBytes).toBe(0);
  });

  it('keeps nothing where it has no memory at all', async () => {
    const cache = createContentCache<never>(0);
    expect(await cache.get(digest('a'), give(10))).toHaveLength(10);
    expect(cache.peek(digest('a'))).toBeUndefined();
  });

  it('loads once for all who ask at the same time', async () => {
    const cache = createContentCache<never>(16 * KIB);
    const loaded = Promise.withResolvers<Uint8Array>();
    const load = jest.fn(() => loaded.promise);
    const asked = Array.from({ length: 5 }, () => cache.get(digest('a'), load));
    loaded.resolve(new Uint8Array(3));
    for (const bytes of await Promise.all(asked)) expect(bytes).toHaveLength(3);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('does not remember a problem', async () => {
    const cache = createContentCache<'missing'>(16 * KIB);
    expect(await cache.get(digest('a'), async () => 'missing')).toBe('missing');
    expect(await cache.get(digest('a'), give(1))).toHaveLength(1);
  });

  it('tries again after a load that failed', async () => {
    const cache = createContentCache<never>(16 * KIB);
    await expect(cache.get(digest('a'), () => Promise.reject(new Error('disk')))).rejects.toThrow('disk');
    expect(await cache.get(digest('a'), give(1))).toHaveLength(1);
  });
});
