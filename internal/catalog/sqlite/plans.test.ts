import { expect, it } from '@jest/globals';
import { everyStatement } from '../every-statement.suite.ts';
import { compile } from '../statement.ts';
import { SQLITE } from './connection.ts';
import { openMemory } from './open.ts';

/** Steps that read a table from one end: they stop at a limit, read what is small, or are documented to. */
const SCANS: Readonly<Record<string, readonly string[]>> = {
  listUploadBytes: ['SCAN uploads USING INDEX uploads_by_repository'],
  beginRestore: ['repositories', 'blobs', 'changes', 'seals', 'users', 'bindings', 'api_keys'].map((t) => `SCAN ${t}`),
  endRestore: [
    'SCAN blobs',
    'SCAN repository_usage',
    'SCAN manifest_blobs',
    'SCAN held',
    'USE TEMP B-TREE FOR GROUP BY',
  ],
  listGcRuns: ['SCAN gc_runs USING INDEX'],
  listScrubRuns: ['SCAN scrub_runs USING INDEX'],
  createUpload: ['SCAN uploads USING COVERING INDEX', 'SCAN some'],
  listSigningKeys: ['SCAN signing_keys USING INDEX'],
  listWorkloadRules: ['SCAN workload_rules'],
  readPolicy: ['SCAN roles', 'SCAN bindings'],
  rotateSigningKey: ['SCAN signing_keys USING COVERING INDEX'],
  sealChanges: ['SCAN seals'],
  totals: ['SCAN uploads USING', 'SCAN quarantine', 'SCAN some'],
};

/** Reads of a whole repository: they stop at a limit, or are for all of it. */
const REPOSITORIES: readonly string[] = ['listArtifactsBelow', 'listDescribed', 'deleteTags'];

it('plans of SQLite find a row of a repository by more than its repository, foreign keys included', async () => {
  const connection = openMemory();
  const bad: string[] = [];
  for (const [name, texts] of await everyStatement(async (step) => connection.execute(step))) {
    for (const text of REPOSITORIES.includes(name) ? [] : texts) {
      const { sql } = compile(text, SQLITE);
      // Nothing refers to what is new: the plan has it for foreign keys that are checked later, of which there are none.
      // Whether one has any manifest left is known from the first.
      if (/^(?:insert into|update) "repositories"/.test(sql)) continue;
      const plan = connection.ask(`explain query plan ${sql}`).map(({ detail }) => String(detail));
      const whole = /^SEARCH (?:tags|manifests|manifest_\w+|repository_blobs) .*\(repository_id=\?\)/;
      bad.push(...plan.filter((line) => whole.test(line)).map((line) => `${name}: ${line} in ${sql}`));
    }
  }
  connection.close();
  expect(bad).toEqual([]);
});

it('plans of SQLite are made once: no limit or pattern is bound as it is', async () => {
  const connection = openMemory();
  const statements = [...(await everyStatement(async (step) => connection.execute(step))).values()];
  connection.close();
  const texts = statements.flatMap((all) => [...all].map((text) => compile(text, SQLITE).sql));
  // A bound limit, and a bound pattern: https://sqlite.org/c3ref/prepare.html, under sqlite3_prepare_v2.
  expect(texts.filter((sql) => /limit \?|(?:like|glob) \?/i.test(sql))).toEqual([]);
  expect(texts.filter((sql) => sql.includes('limit 0 + ?')).length).toBeGreaterThan(0);
});

it('plans of SQLite find what refers to a manifest by that', async () => {
  const connection = openMemory();
  const texts = (await everyStatement(async (step) => connection.execute(step))).get('listReferrers') ?? [];
  const plans = [...texts].map((text) => {
    const rows = connection.ask(`explain query plan ${compile(text, SQLITE).sql}`);
    return rows.map(({ detail }) => String(detail)).find((line) => line.startsWith('SEARCH manifests'));
  });
  connection.close();
  expect(plans).toHaveLength(4);
  expect(plans.filter((line) => !line?.includes('subject=?'))).toEqual([]);
});

it('plans of SQLite cost what is asked for and not what is stored: no table is read through, nothing is sorted', async () => {
  const connection = openMemory();
  const bad: string[] = [];
  for (const [name, texts] of await everyStatement(async (step) => connection.execute(step))) {
    for (const text of texts) {
      const { sql } = compile(text, SQLITE);
      const plan = connection.ask(`explain query plan ${sql}`).map(({ detail }) => String(detail));
      const dear = plan.filter((line) => /\bSCAN (?!CONSTANT ROW)|TEMP B-TREE|AUTOMATIC/.test(line));
      const allowed = (line: string) => (SCANS[name] ?? []).some((known) => line.startsWith(known));
      bad.push(...dear.filter((line) => !allowed(line)).map((line) => `${name}: ${line} in ${sql}`));
    }
  }
  connection.close();
  expect(bad).toEqual([]);
});
