import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenCatalog } from './fixtures.suite.ts';
import { createLeaseStore } from './leases.ts';
import type { Catalog } from './types.ts';

export function describeLeases(open: OpenCatalog): void {
  describe('leases', () => {
    let catalog: Catalog;
    beforeAll(async () => void (catalog = await open()));
    afterAll(() => catalog.close());

    it('are one holder’s at a time, and the same holder may prolong them', async () => {
      const leases = createLeaseStore(catalog);
      expect(await leases.take('job', 'a', 0, 100)).toBe(true);
      expect(await leases.take('job', 'b', 50, 150)).toBe(false);
      expect(await leases.take('job', 'a', 50, 200)).toBe(true);
      expect(await leases.take('job', 'b', 150, 250)).toBe(false);
    });

    it('pass on when they have run out', async () => {
      const leases = createLeaseStore(catalog);
      await leases.take('passing', 'a', 0, 100);
      expect(await leases.take('passing', 'b', 99, 200)).toBe(false);
      expect(await leases.take('passing', 'b', 100, 200)).toBe(true);
      expect(await leases.take('passing', 'a', 150, 300)).toBe(false);
    });

    it('are given up by their holder alone', async () => {
      const leases = createLeaseStore(catalog);
      await leases.take('kept', 'a', 0, 100);
      await leases.drop('kept', 'b');
      expect(await leases.take('kept', 'b', 1, 100)).toBe(false);
      await leases.drop('kept', 'a');
      expect(await leases.take('kept', 'b', 2, 100)).toBe(true);
    });

    it('of many that ask at once, are one’s', async () => {
      const holders = Array.from({ length: 20 }, (_, i) => `holder ${i}`);
      const leases = createLeaseStore(catalog);
      const taken = await Promise.all(holders.map((holder) => leases.take('wanted', holder, 0, 100)));
      expect(taken.filter(Boolean)).toHaveLength(1);
    });
  });
}
