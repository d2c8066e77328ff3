import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, it } from '@jest/globals';
import { digest } from '../fixtures.suite.ts';
import { MIGRATIONS } from '../migrations/list.ts';
import { openFileCatalog } from './catalog.ts';

const folder = mkdtempSync(join(tmpdir(), 'catalog-gc-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A catalog as it was before garbage was collected, with a blob that a manifest needs and one that nothing does. */
function makeOld(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(
    'create table migrations (name text primary key, version text not null, applied_ms integer not null) strict',
  );
  for (const { name, version, sqlite } of MIGRATIONS.filter((migration) => migration.name < '0004')) {
    for (const text of sqlite) database.exec(text);
    database.prepare('insert into migrations values (?, ?, 1)').run(name, version);
  }
  const insertBlob = database.prepare('insert into blobs values (?, 5, 1)');
  for (const what of ['manifest', 'needed', 'loose']) insertBlob.run(digest(what));
  database.exec("insert into repositories (id, name) values (1, 'team/app')");
  database.prepare("insert into manifests values (1, ?, 'type', 5, null, null, 1, null)").run(digest('manifest'));
  const refer = database.prepare('insert into manifest_blobs values (1, ?, ?)');
  for (const what of ['manifest', 'needed']) refer.run(digest('manifest'), digest(what));
  database.close();
}

it('a catalog from before the collector has as candidates what nothing references, from now on', async () => {
  const path = join(folder, 'old.db');
  makeOld(path);
  const beforeMs = Date.now();
  const catalog = await openFileCatalog({ path, durability: 'os' });
  const candidates = await catalog.queries.listCandidates({ after: undefined, untilMs: Date.now() + 1, limit: 9 });
  expect(candidates).toEqual([
    {
      digest: digest('loose'),
      sizeBytes: 5,
      sinceMs: expect.any(Number),
      repository: undefined,
      isReferenced: false,
      leasedUntilMs: 0,
    },
  ]);
  expect(candidates[0]!.sinceMs).toBeGreaterThanOrEqual(beforeMs);
  expect(await catalog.queries.findDeletion(digest('needed'))).toEqual({
    seen: 0,
    deletingMs: undefined,
    isUsed: true,
  });
  await catalog.close();
});
