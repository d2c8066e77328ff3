import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import { openPostgres, type PostgresServer } from '../../testing/postgres.ts';
import { everyStatement } from '../every-statement.suite.ts';
import type { Text } from '../statement.ts';
import { openPostgresCatalog } from './catalog.ts';
import { connect } from './connect.ts';
import { createStatements } from './dialect.ts';
import { settingsFor, SILENT } from './fixtures.suite.ts';
import { createSession } from './session.ts';

let server: PostgresServer;
let client: Client;
const statements = createStatements();
beforeAll(async () => {
  server = await openPostgres();
  const settings = settingsFor(await server.createDatabase());
  await (await openPostgresCatalog(settings, SILENT)).close();
  client = await connect(settings);
}, 60_000);
afterAll(async () => {
  await client.end();
  await server.close();
});

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}

/** Reads of a table or index from one end: they stop at a limit, read what is small, or are documented to. */
const SCANS: Readonly<Record<string, readonly string[]>> = {
  listUploadBytes: ['uploads by uploads_by_repository'],
  beginRestore: ['repositories', 'blobs', 'changes', 'seals', 'users', 'bindings', 'api_keys'],
  endRestore: ['repository_usage', 'blobs', 'manifest_blobs by manifest_blobs_by_digest'],
  listGcRuns: ['gc_runs by gc_runs_by_start'],
  listScrubRuns: ['scrub_runs by scrub_runs_by_start'],
  countUnsealed: ['changes by changes_unsealed'],
  createUpload: ['uploads'],
  // The tags of a repository when it is come to, which are no more than what is answered, but for the last.
  listArtifactsBelow: ['Sort'],
  listSigningKeys: ['signing_keys by'],
  listWorkloadRules: ['workload_rules by'],
  readPolicy: ['roles by', 'bindings by'],
  rotateSigningKey: ['signing_keys by'],
  sealChanges: ['seals', 'changes by changes_unsealed'],
  totals: ['uploads', 'quarantine'],
};

/** The plan for whatever the parameters are, where reading a table through and sorting are the last resort. */
async function planOf(text: Text): Promise<PlanNode> {
  const { sql, order } = statements(text);
  await client.query(`prepare asked as ${sql}`);
  const params = order.length === 0 ? '' : `(${order.map(() => 'null').join(', ')})`;
  const { rows } = await client.query(`explain (format json, costs off) execute asked${params}`);
  await client.query('deallocate asked');
  return (rows[0] as { 'QUERY PLAN': [{ Plan: PlanNode }] })['QUERY PLAN'][0].Plan;
}

/** What of a plan costs more the more is stored. */
function dearOf(node: PlanNode): string[] {
  const inside = (node.Plans ?? []).flatMap(dearOf);
  const { 'Node Type': type, 'Relation Name': table, 'Index Name': index } = node;
  const isWhole =
    /Scan$/.test(type) && (index ?? table) !== undefined && !node['Index Cond'] && !/Bitmap Heap/.test(type);
  if (isWhole) return [...inside, [table, index].filter(Boolean).join(' by ')];
  return /Sort$/.test(type) ? [...inside, type] : inside;
}

it('plans of PostgreSQL cost what is asked for and not what is stored: no table is read through, nothing is sorted', async () => {
  const { execute } = createSession(client, statements);
  const all = await everyStatement(execute);
  for (const setting of ['enable_seqscan', 'enable_sort', 'enable_incremental_sort', 'enable_hashjoin']) {
    await client.query(`set ${setting} = off`);
  }
  await client.query('set plan_cache_mode = force_generic_plan');
  const bad: string[] = [];
  for (const [name, texts] of all) {
    for (const text of texts) {
      const dear = dearOf(await planOf(text));
      const allowed = (what: string) => (SCANS[name] ?? []).some((known) => what.startsWith(known));
      bad.push(...dear.filter((what) => !allowed(what)).map((what) => `${name}: ${what} in ${statements(text).sql}`));
    }
  }
  expect(bad).toEqual([]);
});

it('PostgreSQL takes a repository to have many rows, also where most have few and one has most', async () => {
  await client.query(`insert into repositories (name) select 'small/' || i from generate_series(1, 1000) i`);
  const columns = 'repository_id, digest, media_type, size_bytes, pushed_ms';
  await client.query(`insert into manifests (${columns}) select id, name, 'type', 1, 1 from repositories`);
  await client.query(
    `insert into manifests (${columns}) select id, i, 'type', 1, 1 from repositories, generate_series(1, 2000) i
     where name = 'small/1'`,
  );
  await client.query('analyze manifests');
  await client.query('set plan_cache_mode = force_generic_plan');
  await client.query('prepare asked as select digest from manifests where repository_id = $1');
  const { rows } = await client.query('explain (format json) execute asked(1)');
  const [{ Plan: plan }] = (rows[0] as { 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] })['QUERY PLAN'];
  expect(plan['Plan Rows']).toBeGreaterThanOrEqual(100);
});
