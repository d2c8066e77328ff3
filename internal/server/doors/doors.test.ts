import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { openCatalog } from '../../catalog/index.ts';
import { loadFacades } from '../../facades/index.ts';
import { readDump } from '../../maintenance/fixtures.suite.ts';
import { rebuildCatalog } from '../../maintenance/index.ts';
import type { Door } from '../../registry/index.ts';
import { openPostgres } from '../../testing/postgres.ts';
import { openServer, type TestServer } from '../fixtures.suite.ts';
import type { Config } from '../options.ts';
import { anAct, createDoer, type Act } from './acts.suite.ts';
import { Model } from './model.suite.ts';
import { askBy, whatIsThere, whatShouldBe } from './views.suite.ts';

const SEEDS = [1, 2, 3];
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

/** Does everything, asking the servers by turns: what they say, and what a rebuild would make of it, is the model's. */
async function live(acts: readonly Act[], servers: readonly [TestServer, ...TestServer[]]): Promise<void> {
  const [server] = servers;
  const config = server.built.registry.config as Config;
  const doors = (await loadFacades(config)).map((facade) => facade.door(config));
  const [model, ask] = [new Model(), askBy(servers)];
  const perform = createDoer(ask, model);
  for (const act of [...FIRST, ...acts]) {
    const { status, expected } = await perform(act);
    expect({ act, status }).toEqual({ act, status: expected });
    expect(await whatIsThere(ask)).toEqual(whatShouldBe(model));
    expect(await rebuild(server, doors)).toBe(await readDump(server.built.catalog, 'logical'));
  }
  const path = join(config['storage.path'], 'rebuilt.db');
  await rebuild(server, doors, path);
  const again = await open({ 'storage.path': config['storage.path'], 'catalog.path': path });
  try {
    expect(await whatIsThere(askBy([again]))).toEqual(whatShouldBe(model));
  } finally {
    await again.close();
  }
}

const open = (settings: Readonly<Record<string, string>> = {}): Promise<TestServer> =>
  openServer({ settings: { 'storage.type': 'filesystem', 'auth.limits.anonymous': '0', ...settings } });

/**
 * One history, the same from the same seed, on so many servers over the same stores. To make it shorter takes longer than
 * to read what it did last. How many acts were right.
 */
async function liveOne(seed: number, count: 1 | 2, settings: Readonly<Record<string, string>> = {}): Promise<number> {
  let done = 0;
  const histories = fc.array(anAct, { minLength: STEPS, maxLength: STEPS });
  const run = async (acts: readonly Act[]): Promise<void> => {
    const first = await open(settings);
    const others = count === 1 ? [] : [await open({ ...settings, 'storage.path': first.folder })];
    try {
      await live(acts, [first, ...others]);
      done = acts.length;
    } finally {
      for (const server of [...others, first]) await server.close();
    }
  };
  await fc.assert(fc.asyncProperty(histories, run), { seed, numRuns: 1, endOnFailure: true });
  return done;
}

describe('all doors show what came through any of them, after each step, and after a rebuild too', () => {
  it.each(SEEDS)(
    'on one server (seed %i)',
    async (seed) => {
      expect(await liveOne(seed, 1)).toBe(STEPS);
    },
    60_000,
  );

  it('on two replicas, asked by turns', async () => {
    const postgres = await openPostgres();
    try {
      const url = await postgres.createDatabase();
      expect(await liveOne(7, 2, { 'catalog.type': 'postgres', 'catalog.url': url })).toBe(STEPS);
    } finally {
      await postgres.close();
    }
  }, 120_000);
});
