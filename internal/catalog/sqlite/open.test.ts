import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digest, freshRepository, logOf, putBlob, SIZE } from '../fixtures.suite.ts';
import { hashBatch, openCatalog, type HashedChange } from '../index.ts';
import { MIGRATIONS } from '../migrations/list.ts';
import { openFileCatalog } from './catalog.ts';

// Threads and processes start slowly on a machine that is busy with other tests.
jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'catalog-open-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const freshPath = () => join(folder, `${++files}.db`);
const open = (path: string) => openFileCatalog({ path, durability: 'os' });

describe('opening a catalog on SQLite', () => {
  it('finds what was there before', async () => {
    const [path, repository] = [freshPath(), freshRepository()];
    const first = await open(path);
    await putBlob(first, repository, 'kept');
    await first.close();
    const second = await open(path);
    expect(await second.queries.findBlob(repository, digest('kept'))).toEqual({ sizeBytes: SIZE });
    await second.close();
  });

  it('makes the tables once where several start together', async () => {
    const path = freshPath();
    const catalogs = await Promise.all(Array.from({ length: 4 }, () => open(path)));
    const repository = freshRepository();
    await Promise.all(catalogs.map((catalog, i) => putBlob(catalog, repository, `blob ${i}`)));
    expect((await catalogs[0]!.queries.totals()).blobBytes).toBe(4 * SIZE);
    await Promise.all(catalogs.map((catalog) => catalog.close()));
    const database = new DatabaseSync(path);
    expect(database.prepare('select count(*) as n from migrations').get()).toEqual({ n: MIGRATIONS.length });
    database.close();
  });

  it('refuses a catalog that a later version has changed, and leaves it as it is', async () => {
    const path = freshPath();
    await (await open(path)).close();
    const database = new DatabaseSync(path);
    database.exec("insert into migrations values ('9999-later', '9.9', 1)");
    const tables = () => database.prepare('select name, sql from sqlite_schema order by name').all();
    const before = tables();
    await expect(open(path)).rejects.toMatchObject({ failure: 'newer', message: expect.stringContaining('9.9') });
    expect(tables()).toEqual(before);
    database.close();
  });

  it('says that it is broken where the file is no database or its folder is missing', async () => {
    const path = freshPath();
    writeFileSync(path, 'this is a text and not a database, and long enough to be looked at'.repeat(20));
    await expect(open(path)).rejects.toMatchObject({ name: 'CatalogError', failure: 'broken' });
    await expect(open(join(folder, 'missing', 'c.db'))).rejects.toMatchObject({ failure: 'broken' });
  });

  it('takes the path of the configuration before that of its storage', async () => {
    const [configured, otherwise] = [freshPath(), freshPath()];
    const deps = { path: otherwise, durability: 'full' } as const;
    const catalog = await openCatalog({ 'catalog.type': 'sqlite', 'catalog.path': configured }, deps);
    await catalog.close();
    expect(statSync(configured).size).toBeGreaterThan(0);
    expect(() => statSync(otherwise)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    const unset = await openCatalog({ 'catalog.type': 'sqlite', 'catalog.path': undefined }, deps);
    await unset.close();
    expect(statSync(otherwise).size).toBeGreaterThan(0);
  });

  it('leaves no file where it is kept in memory', async () => {
    const path = freshPath();
    const deps = { path, durability: 'full', memory: true } as const;
    const catalog = await openCatalog({ 'catalog.type': 'sqlite', 'catalog.path': undefined }, deps);
    await putBlob(catalog, freshRepository(), 'a');
    await catalog.close();
    expect(() => statSync(path)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });

  it('keeps a chain of seals that can be recomputed from the rows', async () => {
    const [path, repository] = [freshPath(), freshRepository()];
    const catalog = await open(path);
    for (const what of ['a', 'b', 'c', 'd', 'e']) await putBlob(catalog, repository, what);
    await catalog.run('sealChanges', { nowMs: 1, limit: 2 });
    expect(await logOf(catalog, repository)).toHaveLength(5);
    await catalog.close();
    const database = new DatabaseSync(path);
    const seals = database.prepare('select first_sequence, last_sequence, hash from seals order by 1').all();
    const rows = database.prepare('select * from changes where sequence between ? and ? order by sequence');
    let hash = '';
    for (const { first_sequence: first, last_sequence: last, hash: kept } of seals) {
      hash = hashBatch(hash, rows.all(first!, last!) as unknown as HashedChange[]);
      expect(kept).toBe(hash);
    }
    expect(seals.map(({ last_sequence: last }) => last)).toEqual([2, 5]);
    database.close();
  });
});
