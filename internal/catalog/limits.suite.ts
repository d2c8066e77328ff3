import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { OpenCatalog } from './fixtures.suite.ts';
import type { Catalog } from './types.ts';

export function describeLimits(open: OpenCatalog): void {
  describe('shared counts', () => {
    let catalog: Catalog;
    beforeEach(async () => void (catalog = await open()));
    afterEach(() => catalog.close());
    const share = (...shares: readonly (readonly [string, number, number])[]) =>
      catalog.run('shareCounts', { shares: shares.map(([key, endsMs, add]) => ({ key, endsMs, add })) });

    it('add up what all have given, each in its span of time', async () => {
      expect(await share(['b', 60, 2], ['a', 60, 5])).toEqual([2, 5]);
      expect(await share(['a', 60, 1], ['a', 120, 3], ['b', 60, -1])).toEqual([6, 3, 1]);
    });

    it('add up what several give at once', async () => {
      const keys = ['a', 'b', 'c', 'd'];
      const turns = Array.from({ length: 20 }, (_, turn) => (turn % 2 === 0 ? keys : keys.toReversed()));
      await Promise.all(turns.map((turn) => share(...turn.map((key) => [key, 60, 1] as const))));
      expect(await share(...keys.map((key) => [key, 60, 0] as const))).toEqual([20, 20, 20, 20]);
    });

    it('are forgotten when their time is over, a few at a time', async () => {
      await share(['a', 60, 1], ['b', 60, 1], ['a', 120, 1], ['a', 180, 1]);
      expect(await catalog.run('expireCounts', { beforeMs: 180, limit: 2 })).toBe(2);
      expect(await catalog.run('expireCounts', { beforeMs: 180, limit: 2 })).toBe(1);
      expect(await catalog.run('expireCounts', { beforeMs: 180, limit: 2 })).toBe(0);
      expect(await share(['a', 60, 1], ['a', 180, 1])).toEqual([1, 2]);
    });
  });
}
