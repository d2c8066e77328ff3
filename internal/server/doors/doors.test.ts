import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { openCatalog } from '../../catalog/index.ts';
import { loadFacades } from '../../facades/index.ts';
import { readDump } from '../../maintenance/fixtures.suite.ts';
import { rebuildCatalog } from '../../maintenance/index.ts';
import type { Door } from '../../registry/index.ts';
import { openServer, type TestServer } from '../fixtures.suite.ts';
import type { Config } from '../options.ts';
import { anAct, createDoer, type Act } from './acts.suite.ts';
import { Model } from './model.suite.ts';
import { askAt, whatIsThere, whatShouldBe } from './views.suite.ts';

const SEEDS = [1, 2, 3, 4];
const STEPS = 25;
/** Without these most that is done to packages would find none. */
const FIRST: readonly Act[] = [
  { does: 'create registry', registry: 'ops' },
  { does: 'create package', registry: 'ops', name: 'a' },
];

/** Makes a catalog from storage, in a file, or in memory where none is named; its logical dump. */
async function rebuild({ built }: TestServer, doors: readonly Door[], path?: string): Promise<string> {
  const settings = { 'catalog.type': 'sqlite', 'catalog.path': path } as const;
  const catalog = await openCatalog(settings, { path: '', durability: 'os', memory: path === undefined });
  try {
    const told: unknown[] = [];
    const onProgress = { total: () => undefined, done: () => undefined };
    const onProblem = (problem: unknown): void => void told.push(problem);
    await built.registry.chores.followChanges();
    await rebuildCatalog({ storage: built.storage, catalog, doors, clock: Date.now, onProblem, onProgress });
    expect(told).toEqual([]);
    return await readDump(catalog, 'logical');
  } finally {
    await catalog.close();
  }
}

async function live(acts: readonly Act[]): Promise<void> {
  const server = await openServer({ settings: { 'storage.type': 'filesystem', 'auth.limits.anonymous': '0' } });
  try {
    const doors = (await loadFacades(server.built.registry.config as Config)).map((facade) =>
      facade.door(server.built.registry.config as Config),
    );
    const model = new Model();
    const perform = createDoer(askAt(server.url), model);
    for (const act of [...FIRST, ...acts]) {
      const { status, expected } = await perform(act);
      expect({ act, status }).toEqual({ act, status: expected });
      expect(await whatIsThere(server)).toEqual(whatShouldBe(model, server.url));
      expect(await rebuild(server, doors)).toBe(await readDump(server.built.catalog, 'logical'));
    }
    const path = join(server.folder, 'rebuilt.db');
    await rebuild(server, doors, path);
    const again = await openServer({
      settings: { 'storage.type': 'filesystem', 'storage.path': server.folder, 'catalog.path': path },
    });
    try {
      expect(await whatIsThere(again)).toEqual(whatShouldBe(model, again.url));
    } finally {
      await again.close();
    }
  } finally {
    await server.close();
  }
}

it.each(SEEDS)(
  'all doors show what came through any of them, after each step, and after a rebuild too (seed %i)',
  async (seed) => {
    const histories = fc.array(anAct, { minLength: STEPS, maxLength: STEPS });
    // To make a history shorter takes longer than to read what it did last.
    await fc.assert(fc.asyncProperty(histories, live), { seed, numRuns: 1, endOnFailure: true });
  },
  60_000,
);
