import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { parseRepositoryName, type RepositoryName } from '../../pkg/oci/index.ts';
import { COMMANDS } from '../catalog/commands/table.ts';
import { at, digest, manifestArgs, SIZE, tag } from '../catalog/fixtures.suite.ts';
import { QUERIES } from '../catalog/queries/table.ts';
import { SQLITE } from '../catalog/sqlite/connection.ts';
import { openMemory } from '../catalog/sqlite/open.ts';
import { compile, type Text } from '../catalog/statement.ts';
import { driveAsync, type Step, type Work } from '../catalog/step.ts';
import type { Catalog, CommandName } from '../catalog/types.ts';
import { BY } from '../registry/fixtures.suite.ts';
import { assembleStorage } from '../storage/index.ts';
import { openMemory as openStorage } from '../storage/memory/driver.ts';
import { createGc } from './gc.ts';
import { carryOut } from './retention/carry-out.ts';
import type { RetentionRule } from './retention/rules.ts';

const [OWN, OTHER] = ['team/own', 'team/other'].map((name) => parseRepositoryName(name)) as [
  RepositoryName,
  RepositoryName,
];
const NOW_MS = 1_000_000;
const NEVER = new AbortController().signal;

/** What a run asked of the catalog: how often which statement, and how many rows that gave. */
type Cost = Record<string, { readonly runs: number; readonly rows: number }>;

/** A catalog on SQLite that notes what it is asked. */
function openCounted() {
  const connection = openMemory();
  const noted = new Map<Text, { runs: number; rows: number }>();
  async function execute(step: Step): Promise<unknown> {
    const answer = connection.execute(step);
    if (step.want === 'lock') return answer; // PostgreSQL's
    const cost = noted.get(step.text) ?? { runs: 0, rows: 0 };
    const rows = Array.isArray(answer) ? answer.length : Number(answer !== undefined);
    noted.set(step.text, { runs: cost.runs + 1, rows: cost.rows + rows });
    return answer;
  }
  type Query = (...asked: readonly unknown[]) => Work<unknown>;
  const queries = Object.entries<Query>(QUERIES as unknown as Record<string, Query>).map(([name, query]) => [
    name,
    (...asked: readonly unknown[]) => driveAsync(query(...asked), execute),
  ]);
  const run = (name: CommandName, args: never): Promise<unknown> =>
    driveAsync<unknown>(COMMANDS[name].run(args), execute);
  const catalog = { run, queries: Object.fromEntries(queries) as unknown } as Catalog; // no more of it is asked for here
  const sqlOf = (text: Text): string => compile(text, SQLITE).sql;

  return {
    catalog,
    close: () => connection.close(),
    /** What `act` costs, and steps of its plans that read a table from one end or sort. */
    async measure(act: () => Promise<unknown>): Promise<{ readonly cost: Cost; readonly dear: readonly string[] }> {
      noted.clear();
      await act();
      const plans = [...noted.keys()].flatMap((text) =>
        connection
          .ask(`explain query plan ${sqlOf(text)}`)
          .map(({ detail }) => String(detail))
          .filter((line) => /\bSCAN (?!CONSTANT ROW)|TEMP B-TREE|AUTOMATIC/.test(line)),
      );
      return { cost: Object.fromEntries([...noted].map(([text, cost]) => [sqlOf(text), cost])), dear: plans };
    },
  };
}
type Counted = ReturnType<typeof openCounted>;

/** An image of two layers, one of which all share, under a tag of its own. */
async function pushImage({ catalog }: Counted, repository: RepositoryName, what: string): Promise<void> {
  const layers = [digest('base'), digest(`layer of ${what}`)];
  for (const layer of layers)
    await catalog.run('finishUpload', { ...at(), repository, digest: layer, sizeBytes: SIZE, leaseMs: 2 });
  const blobs = layers.map((each) => ({ digest: each, sizeBytes: SIZE }));
  await catalog.run('putManifest', manifestArgs(repository, what, { blobs, tags: [tag(what)] }));
}

async function pushImages(counted: Counted, repository: RepositoryName, name: string, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await pushImage(counted, repository, `${name}-${index}`);
}

const rowsOf = (cost: Cost): number => Object.values(cost).reduce((sum, { rows }) => sum + rows, 0);

describe('what a run reads', () => {
  const open: Counted[] = [];
  function openStore(): Counted {
    const counted = openCounted();
    open.push(counted);
    return counted;
  }
  afterEach(() => {
    for (const counted of open.splice(0)) counted.close();
  });

  async function collection(live: number, garbage: number) {
    const counted = openStore();
    const { catalog } = counted;
    await pushImages(counted, OTHER, 'kept', live);
    await pushImages(counted, OWN, 'kept', live);
    await collect(counted); // what came is looked at once
    await pushImages(counted, OWN, 'garbage', garbage);
    for (let index = 0; index < garbage; index += 1)
      await catalog.run('deleteManifest', { ...at(), repository: OWN, digest: digest(`garbage-${index}`) });
    return counted.measure(() => collect(counted));
  }

  async function collect({ catalog }: Counted): Promise<void> {
    const clock = (): number => NOW_MS;
    const config = {
      'gc.enabled': true,
      'gc.interval': 0,
      'gc.review_delay': 1000,
      'gc.max_deletes_per_second': 0,
      'gc.batch_size': 10,
      'gc.orphan_interval': 0,
    };
    const note = (): void => undefined;
    const gc = createGc({
      catalog,
      storage: assembleStorage(openStorage({ clock }), { clock }),
      config,
      clock,
      ticks: clock,
      pause: async () => undefined,
      newId: randomUUID,
      log: { info: note, error: note },
    });
    const begun = await gc.begin({ trigger: 'command', by: BY, dryRun: false });
    if (begun.kind === 'begun') expect((await begun.done).error).toBeUndefined();
    await gc.close();
  }

  it('of the collector is by what is garbage: as much where ten times as much is live', async () => {
    const [few, many] = [await collection(20, 15), await collection(200, 15)];
    expect(many.cost).toEqual(few.cost);
    const twice = await collection(20, 30);
    expect(rowsOf(twice.cost)).toBeGreaterThan(1.5 * rowsOf(few.cost));
  });

  it('of the collector is found by indexes', async () => {
    const { cost, dear } = await collection(5, 5);
    expect(Object.keys(cost).some((sql) => sql.includes('"gc_candidates"'))).toBe(true);
    expect(dear.filter((line) => !line.startsWith('SCAN gc_runs USING INDEX'))).toEqual([]); // newest first, to a limit
  });

  async function retention(inOther: number, inOwn: number) {
    const counted = openStore();
    await pushImages(counted, OTHER, 'other', inOther);
    await pushImages(counted, OWN, 'own', inOwn);
    const { catalog } = counted;
    const rule: RetentionRule = {
      name: 'last',
      repositories: [OWN],
      tags: ['*'],
      keepTags: [],
      keepLast: 5,
      keepVersions: undefined,
      keepWithinMs: undefined,
      keepPulledWithinMs: undefined,
      untaggedAfterMs: 0,
    };
    const deps = { catalog, rules: [rule], guardsFor: () => ({ fixed: [], kept: [] }), clock: () => NOW_MS };
    return counted.measure(async () => {
      const done = await carryOut({ by: BY, dryRun: false }, { ...deps, historyMs: 0, keptMs: 0 }, NEVER);
      expect(done.manifests).toBe(inOwn - 5);
    });
  }

  it('of a retention rule is by the repositories it is about: as much where others have ten times as much', async () => {
    const [few, many] = [await retention(20, 15), await retention(200, 15)];
    expect(many.cost).toEqual(few.cost);
  });

  it('of a retention rule grows with what those have, and no faster', async () => {
    const [once, twice, fourTimes] = [await retention(5, 20), await retention(5, 40), await retention(5, 80)];
    const [first, second] = [rowsOf(twice.cost) - rowsOf(once.cost), rowsOf(fourTimes.cost) - rowsOf(twice.cost)];
    expect(second / first).toBeLessThan(2.2);
  });

  it('of a retention rule is found by indexes', async () => {
    const { cost, dear } = await retention(5, 10);
    expect(Object.keys(cost).some((sql) => sql.includes('"tags"'))).toBe(true);
    expect(dear).toEqual([]);
  });
});
