import { describe, expect, it } from '@jest/globals';
import { MIGRATIONS } from './list.ts';
import type { Migration } from './migration.ts';
import { planMigrations } from './plan.ts';

const migration = (name: string, version: string): Migration => ({ name, version, sqlite: [], postgres: [] });
const KNOWN = [migration('0001-a', '0.1'), migration('0002-b', '0.2')];
const names = (plan: readonly Migration[]) => plan.map(({ name }) => name);

describe('planMigrations', () => {
  it.each([
    [[], ['0001-a', '0002-b']],
    [['0001-a'], ['0002-b']],
    [['0001-a', '0002-b'], []],
    [['0002-b'], ['0001-a']],
  ])('after %j does %j', (applied, expected) => {
    const done = applied.map((name) => ({ name, version: '0.1' }));
    expect(names(planMigrations(KNOWN, done))).toEqual(expected);
  });

  it('refuses what a later version did, and says which', () => {
    const applied = [...KNOWN, migration('0003-c', '0.3')];
    expect(() => planMigrations(KNOWN, applied)).toThrow(
      expect.objectContaining({ failure: 'newer', message: expect.stringContaining('Octoserve 0.3 (0003-c)') }),
    );
  });

  it('has its names in order, each once', () => {
    const all = names(MIGRATIONS);
    expect(all).toEqual([...new Set(all)].toSorted());
  });
});
