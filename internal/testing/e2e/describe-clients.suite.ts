import { describe, expect, it } from '@jest/globals';
import type { ClientName } from './client-table.ts';
import { findObstacle } from './clients.ts';

/** Tests that drive these clients: skipped by name where one is missing, failed for it in CI. */
export function describeClients(clients: readonly ClientName[], name: string, body: () => void): void {
  const obstacles = clients.map(findObstacle).filter((obstacle) => obstacle !== undefined);
  if (obstacles.length > 0 && process.env['CI'] !== undefined) {
    describe(name, () => {
      it('has its clients, as every run in CI must', () => {
        expect(obstacles).toEqual([]);
      });
    });
    return;
  }
  const define = obstacles.length > 0 ? describe.skip : describe;
  define(obstacles.length > 0 ? `${name} (${obstacles.join(', ')})` : name, body);
}
