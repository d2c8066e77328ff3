import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openPostgres, type PostgresServer } from '../../testing/postgres.ts';
import type { Catalog } from '../types.ts';
import { openPostgresCatalog } from './catalog.ts';
import type { Named } from './dialect.ts';
import { settingsFor, SILENT } from './fixtures.suite.ts';
import { GC_RACES } from './gc-races.suite.ts';
import { meetingsOf, openTrack, type Mutation } from './race.suite.ts';

let server: PostgresServer;
let url: string;
let catalog: Catalog;
beforeAll(async () => {
  server = await openPostgres();
  url = await server.createDatabase();
  catalog = await openPostgresCatalog(settingsFor(url), SILENT);
}, 60_000);
afterAll(async () => {
  await catalog.close();
  await server.close();
});

/** The collector's choice of what it may delete. */
const CHOICE = / from "gc_candidates" inner join "blobs" .* for update skip locked$/;
/** Its look at what that is needed for. */
const SECOND_LOOK = /^select \(select "manifest" from "manifest_blobs" where "digest" = \$1 limit/;
const UNREFERENCED = `not exists (select 1 from "manifest_blobs" where "manifest_blobs"."digest" = "gc_candidates"."digest")`;

const rewrite = (statement: Named, sql: string): Named =>
  sql === statement.sql ? statement : { ...statement, sql, name: `mutant ${statement.name}` };

const ofPushes: Mutation = (statement) => rewrite(statement, statement.sql.replace(/ for share$/, ''));
const ofTheCollector: Mutation = (statement) =>
  CHOICE.test(statement.sql) ? rewrite(statement, statement.sql.replace(/ for update skip locked$/, '')) : statement;
/** Decides in the statement that waits for the lock, on a snapshot from before. */
const inOneStatement: Mutation = (statement) => {
  if (CHOICE.test(statement.sql)) {
    return rewrite(statement, statement.sql.replace(/ for update skip locked$/, ` and ${UNREFERENCED} for update`));
  }
  if (!SECOND_LOOK.test(statement.sql)) return statement;
  return { ...rewrite(statement, `select null as "manifest", null as "leasedUntilMs"`), order: [] };
};

describe('on PostgreSQL, the collector and a push that meet lose content', () => {
  it.each<[string, Mutation, keyof typeof GC_RACES]>([
    ['where the push locks no row', ofPushes, 'a push that names a blob, and its deletion'],
    ['where the collector locks no row', ofTheCollector, 'a push that names a blob, and its deletion'],
    [
      'where the collector looks and locks in one statement',
      inOneStatement,
      'a push that names a blob, and its deletion',
    ],
    ['where an upload locks no row', ofPushes, 'an upload of a blob that is garbage, and its deletion'],
    ['where a mount locks no row', ofPushes, 'a mount, and the deletion of the blob'],
  ])(
    '%s',
    async (_, mutation, name) => {
      const track = await openTrack(settingsFor(url), mutation);
      const wrong: unknown[] = [];
      for await (const { race, words } of meetingsOf({ catalog, track }, GC_RACES[name]!)) {
        const isAllowed = race.allowed.some(([one, two]) => one === words[0] && two === words[1]);
        if (!isAllowed) wrong.push(words);
      }
      await track.close();
      expect(wrong).not.toEqual([]);
    },
    60_000,
  );
});
