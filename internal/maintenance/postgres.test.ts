import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Catalog } from '../catalog/index.ts';
import { openPostgresCatalog } from '../catalog/postgres/catalog.ts';
import { settingsFor, SILENT } from '../catalog/postgres/fixtures.suite.ts';
import { isInUse } from '../catalog/postgres/in-use.ts';
import { openRig, type Rig } from '../registry/fixtures.suite.ts';
import { openPostgres, type PostgresServer } from '../testing/postgres.ts';
import { createTold, openEmpty, readDump, rebuildFrom, verifyRig } from './fixtures.suite.ts';
import { liveThrough } from './history.suite.ts';
import { checkDump, loadDump } from './load.ts';

let server: PostgresServer;
beforeAll(async () => void (server = await openPostgres()), 60_000);
afterAll(() => server.close());

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function load(catalog: Catalog, text: string): Promise<void> {
  const end = await checkDump(bytesOf(text));
  const loaded = await loadDump({
    catalog,
    end,
    bytes: bytesOf(text),
    clock: () => 1,
    onProgress: createTold().onProgress,
  });
  expect(loaded).toEqual({ kind: 'loaded' });
}

describe('a catalog in PostgreSQL', () => {
  let rig: Rig;
  let postgres: Catalog;
  beforeEach(async () => {
    const url = await server.createDatabase();
    [rig, postgres] = await Promise.all([openRig(), openPostgresCatalog(settingsFor(url), SILENT)]);
  });
  afterEach(async () => {
    await Promise.all([rig.close(), postgres.close()]);
  });

  it.each([21, 22, 23])('is rebuilt as it would be in SQLite, after the random history of seed %i', async (seed) => {
    await liveThrough(rig, seed);
    expect((await rebuildFrom(rig, postgres)).problems).toEqual([]);
    expect(await readDump(postgres, 'logical')).toBe(await readDump(rig.catalog, 'logical'));
  });

  it.each([24, 25, 26])('takes the dump of a SQLite and gives it back, after the history of seed %i', async (seed) => {
    await liveThrough(rig, seed);
    const text = await readDump(rig.catalog);
    await load(postgres, text);
    expect(await readDump(postgres)).toBe(text);
    const sqlite = await openEmpty();
    await load(sqlite, await readDump(postgres));
    expect(await readDump(sqlite)).toBe(text);
    await sqlite.close();
  });

  it('is in use as long as a process has it open, and not by other databases of the server', async () => {
    const [used, unused] = await Promise.all([server.createDatabase(), server.createDatabase()]);
    const catalog = await openPostgresCatalog(settingsFor(used), SILENT);
    await catalog.check();
    expect(await isInUse(settingsFor(used))).toBe(true);
    expect(await isInUse(settingsFor(unused))).toBe(false);
    await catalog.close();
  });

  it('is as exact when it lived through the history itself', async () => {
    const live = await openRig({ wrapDriver: () => rig.driver, wrapCatalog: () => postgres });
    await liveThrough(live, 27);
    await rebuildFrom(rig, rig.catalog);
    expect(await readDump(postgres, 'logical')).toBe(await readDump(rig.catalog, 'logical'));
    const alike = { ...live, storage: rig.storage, catalog: postgres };
    expect(await verifyRig(alike, { content: true })).toMatchObject({ problems: 0, orphans: 0 });
    await live.close();
  });
});
