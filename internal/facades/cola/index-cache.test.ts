import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { createHealth } from './health.ts';
import { createIndexCache, renderedIndex } from './index-cache.ts';
import { createIndexSources } from './index-sources.ts';
import type { RegistryIndex } from './store.ts';
import { createUrlSigner } from './signed-urls.ts';

describe('rendered indexes', () => {
  it('have one tag for the same body, and another for its zipped form', async () => {
    const [one, same, other] = [renderedIndex('[1]', 0), renderedIndex('[1]', 5), renderedIndex('[2]', 0)];
    expect([one.etag === same.etag, one.etag === other.etag]).toEqual([true, false]);
    const zipped = await one.zipped();
    expect(gunzipSync(zipped.body).toString()).toBe('[1]');
    expect(zipped.etag).not.toBe(one.etag);
    expect([one.lastModified, renderedIndex('[]', undefined).lastModified]).toEqual([
      'Thu, 01 Jan 1970 00:00:00 GMT',
      undefined,
    ]);
  });

  it('are made once for a key, however many ask at a time', async () => {
    const cache = createIndexCache(1000);
    let made = 0;
    const render = async () => renderedIndex(`[${(made += 1)}]`, 0);
    const all = await Promise.all([cache.get('a', render), cache.get('a', render), cache.get('b', render)]);
    expect(all.map(({ body }) => body.toString())).toEqual(['[1]', '[1]', '[2]']);
  });

  it('are made again where that failed', async () => {
    const cache = createIndexCache(1000);
    const failing = cache.get('a', async () => {
      throw new Error('away');
    });
    await expect(failing).rejects.toThrow('away');
    await new Promise(setImmediate);
    expect((await cache.get('a', async () => renderedIndex('[]', 0))).body.toString()).toBe('[]');
  });

  it('go when there are too many bytes, those first that nobody asked for lately', async () => {
    const cache = createIndexCache(8 * 1024);
    const made: string[] = [];
    const get = async (key: string): Promise<void> => {
      await cache.get(key, async () => {
        made.push(key);
        return renderedIndex('x'.repeat(2000), 0);
      });
      await new Promise(setImmediate);
    };
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await get(key);
    expect(made).toEqual(['a', 'b', 'c', 'b']);
  });
});

describe('what indexes are made of', () => {
  const index = (stamp: string, versions = 0): RegistryIndex => ({
    stamp,
    changedMs: 0,
    versions: Array(versions).fill({}),
  });

  it('is read once for a stamp, and again for the next', async () => {
    const read: string[] = [];
    const sources = createIndexSources({
      async getRegistryIndex(registry) {
        read.push(registry);
        return index(String(read.length));
      },
    });
    await Promise.all([sources.get('ops', '1'), sources.get('ops', '1'), sources.get('web', '1')]);
    await sources.get('ops', '1');
    await sources.get('ops', '2');
    expect(read).toEqual(['ops', 'web', 'ops']);
  });

  it('is not remembered of what is not there, nor where it could not be read', async () => {
    let reads = 0;
    const sources = createIndexSources({
      async getRegistryIndex() {
        reads += 1;
        if (reads === 1) throw new Error('away');
        return reads === 2 ? undefined : index('1');
      },
    });
    await expect(sources.get('ops', '1')).rejects.toThrow('away');
    await new Promise(setImmediate);
    expect(await sources.get('ops', '1')).toBeUndefined();
    await new Promise(setImmediate);
    expect(await sources.get('ops', '1')).toEqual(index('1'));
  });

  it('is let go of where there are very many versions', async () => {
    let reads = 0;
    const sources = createIndexSources({
      async getRegistryIndex() {
        reads += 1;
        return index('1', 30_000);
      },
    });
    for (const registry of ['a', 'b', 'b', 'a']) {
      await sources.get(registry, '1');
      await new Promise(setImmediate);
    }
    expect(reads).toBe(3);
  });
});

describe('health', () => {
  it('asks once in five seconds, and tells when the store is away and back', async () => {
    const state = { ticksMs: 0, asked: 0, isAway: false };
    const health = createHealth(
      async () => {
        state.asked += 1;
        if (state.isAway) throw new Error('ENOENT /secret/path');
      },
      () => state.ticksMs,
    );
    expect([await health(), await health(), state.asked]).toEqual([{ kind: 'healthy' }, { kind: 'healthy' }, 1]);
    Object.assign(state, { ticksMs: 5000, isAway: true });
    expect(await health()).toEqual({ kind: 'unhealthy', message: 'storage is not available' });
    Object.assign(state, { ticksMs: 10_000, isAway: false });
    expect(await health()).toEqual({ kind: 'healthy' });
  });
});

describe('signed URLs', () => {
  const clock = { nowMs: Date.UTC(2026, 0, 1, 10, 59, 59) };
  const PLACE = { registry: 'ops', package: 'tool', version: '1.0.0' };
  const [first, second] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const signer = (...secrets: readonly Buffer[]) =>
    createUrlSigner(
      async () => secrets,
      () => clock.nowMs,
    );
  const query = async (place = PLACE) =>
    new URLSearchParams((await signer(first).begin(signer(first).expiry()))(place));

  it('are good for an hour at least, and for two at most', () => {
    const left = () => signer(first).expiry() * 1000 - clock.nowMs;
    expect(left()).toBeGreaterThanOrEqual(3_600_000);
    expect(left()).toBe(3_601_000);
    clock.nowMs += 2000;
    expect(left()).toBe(7_199_000);
  });

  it('are believed by every secret that is still known, for what they are of alone', async () => {
    const signed = await query();
    expect(await signer(second, first).check(PLACE, signed)).toBe('good');
    expect(await signer(second).check(PLACE, signed)).toBe('bad');
    for (const other of [
      { ...PLACE, version: '1.0.1' },
      { ...PLACE, package: 'too' },
      { ...PLACE, registry: 'o' },
    ]) {
      expect(await signer(first).check(other, signed)).toBe('bad');
    }
    signed.set('exp', String(Number(signed.get('exp')) + 1));
    expect(await signer(first).check(PLACE, signed)).toBe('bad');
  });

  it.each(['', 'exp=1', 'sig=1', 'exp=x&sig=y', `exp=1&sig=${'0'.repeat(63)}`, `exp=1&sig=${'G'.repeat(64)}`])(
    'are none: %s',
    async (text) => {
      expect(['bad', 'unsigned']).toContain(await signer(first).check(PLACE, new URLSearchParams(text)));
    },
  );
});
