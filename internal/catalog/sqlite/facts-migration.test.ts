import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, it } from '@jest/globals';
import { parseRepositoryName } from '../../../pkg/oci/index.ts';
import { digest, manifestArgs, tag } from '../fixtures.suite.ts';
import { MIGRATIONS } from '../migrations/list.ts';
import { openFileCatalog } from './catalog.ts';

const folder = mkdtempSync(join(tmpdir(), 'catalog-facts-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A catalog as it was before doors said anything, with three tags of one manifest. */
function makeOld(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(
    'create table migrations (name text primary key, version text not null, applied_ms integer not null) strict',
  );
  for (const { name, version, sqlite } of MIGRATIONS.filter((migration) => migration.name < '0010')) {
    for (const text of sqlite) database.exec(text);
    database.prepare('insert into migrations values (?, ?, 1)').run(name, version);
  }
  database.exec("insert into repositories (id, name) values (1, 'team/app')");
  database.prepare("insert into manifests values (1, ?, 'type', 5, null, null, 1, null)").run(digest('old'));
  const insert = database.prepare('insert into tags values (1, ?, ?)');
  for (const name of ['a', 'b', 'c']) insert.run(name, digest('old'));
  database.close();
}

it('tags of a catalog from before they had numbers have some, and later ones have higher ones', async () => {
  const path = join(folder, 'old.db');
  makeOld(path);
  const catalog = await openFileCatalog({ path, durability: 'os' });
  const repository = parseRepositoryName('team/app');
  await catalog.run('putManifest', manifestArgs(repository, 'new', { tags: [tag('aa')] }));
  const found = await catalog.queries.listArtifacts(repository, { limit: 9 });
  expect(found.map(({ tag: name, id }) => [name, id])).toEqual([
    ['a', 1],
    ['aa', 4],
    ['b', 2],
    ['c', 3],
  ]);
  expect(found[0]?.description).toBeUndefined();
  await catalog.close();
});
