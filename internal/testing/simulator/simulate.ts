import type { Digest } from '../../../pkg/oci/index.ts';
import { TAKEOVER_MS } from '../../catalog/deletions.ts';
import type { Deed, Habits } from './client.ts';
import { chooseHabits } from './habits.ts';
import { pullAll } from './pull-all.ts';
import { Disk, LONGEST_REMOVAL_MS } from './disk.ts';
import { Engine } from './postgres/engine.ts';
import { readSchema } from './postgres/schema.ts';
import { Database } from './postgres/sessions.ts';
import { Promises } from './promises.ts';
import { createRandom } from './random.ts';
import { DELAY_MS, startReplica, type Mutation, type Replica } from './replica.ts';
import { mendAll } from './scrubs.ts';
import { World } from './world.ts';

/** What came of a seed: `problem` says what was broken, and after which steps. */
export interface Outcome {
  readonly seed: number;
  readonly steps: number;
  readonly problem: string | undefined;
  /** The last steps before that, in words. */
  readonly trace: () => readonly string[];
}

const SCHEMA = readSchema();
/** About so many things are done at once. */
const AT_ONCE = 5;
/** More than any honest history needs. */
const MOST_STEPS = 20_000;

/**
 * Lives through the history that the seed stands for: clients push, mount, look and delete at two processes, both collect
 * garbage, now and then one of them crashes, and time passes in leaps. After each step the promises are checked; in the
 * end, when all have gone and the delays are over, what nothing references must be gone and every tag be whole.
 */
export async function simulate(seed: number, mutation: Mutation = {}, fixed: Partial<Habits> = {}): Promise<Outcome> {
  const random = createRandom(seed);
  const habits = { ...chooseHabits(random), ...fixed };
  const world = new World(random, habits.stalls);
  const database = new Database(new Engine(SCHEMA), world);
  const disk = new Disk(world, habits.isBucket);
  const promises = new Promises(world, database, disk);
  const shared = { world, database, disk, historyMs: habits.historyMs, isLarge: habits.isLarge };
  let [started, crashes] = [0, 0];
  const start = (): Replica => startReplica(`p${(started += 1)}`, shared, mutation);
  const replicas = [start(), start()];
  const deps = { world, database, disk, habits, promises };
  let problem: string | undefined;
  const going = new Set<Replica>();

  /** Does it at one of the processes; whatever goes wrong that should not is a problem. */
  function begin(deed: Deed, replica: Replica): void {
    const own = { ...replica };
    going.add(own);
    world
      .begin(deed.name, () => deed({ ...deps, replica }))
      .then(
        () => void going.delete(own),
        (error: unknown) => {
          going.delete(own);
          problem ??= `${replica.process.name}: ${error instanceof Error ? (error.stack ?? error.message) : 'no error'}`;
        },
      );
  }

  function crashOne(): void {
    const index = random.below(replicas.length);
    const crashed = replicas[index];
    if (!crashed) return;
    crashes += 1;
    world.crash(crashed.process);
    database.drop(crashed.process);
    replicas[index] = start();
    for (const each of going) if (each.process === crashed.process) going.delete(each); // it never ends
  }

  async function run(): Promise<void> {
    for (let done = 0; problem === undefined && world.steps < MOST_STEPS;) {
      if (done < habits.count && (going.size < AT_ONCE || random.chance(1)) && random.chance(30)) {
        done += 1;
        begin(random.pick(habits.deeds), random.pick(replicas));
      }
      if (random.next() < habits.leaps) world.advance(random.pick(habits.leapsMs), LONGEST_REMOVAL_MS);
      if (random.next() < habits.crashes) crashOne();
      const isMoving = await world.step();
      problem ??= promises.check();
      if (going.size === 0 && crashes === 0) problem ??= promises.checkQuiet();
      if (isMoving) continue;
      if (going.size > 0) problem ??= 'somebody waits for what never comes';
      if (done === habits.count) return;
    }
    problem ??= 'it never came to an end';
  }

  /** To be called when nobody else does anything. */
  async function finish(
    act: (replica: Replica) => Promise<unknown>,
  ): Promise<{ readonly result: unknown } | undefined> {
    let ended: { readonly result: unknown } | undefined;
    world
      .begin(act.name, () => act(start()))
      .then(
        (result) => void (ended = { result }),
        (error: unknown) => void (ended = { result: error instanceof Error ? error.stack : 'no error' }),
      );
    for (; !isOver(); problem ??= promises.check()) if (!(await world.step())) break;
    return isOver() ? ended : { result: 'somebody waits for what never comes' };

    // A function, since the compiler thinks that nobody else writes to it.
    function isOver(): boolean {
      return ended !== undefined;
    }
  }

  for (const deed of habits.before) await finish((replica) => deed({ ...deps, replica }));
  await run();
  if (problem === undefined) problem = textOf((await finish(collectAll))?.result);
  if (problem === undefined && disk.spoilt.size > 0) {
    problem = textOf((await finish((replica) => replica.scrub(false)))?.result) ?? promises.checkScrubbed();
    problem ??= textOf((await finish((replica) => mendAll({ ...deps, replica })))?.result);
  }
  if (problem === undefined) problem = textOf((await finish(pullAll))?.result) ?? leftovers();
  return { seed, steps: world.steps, problem, trace: () => world.trace() };

  /** All that any delay or lease kept is over, and what crashes left is found. */
  async function collectAll(replica: Replica): Promise<void> {
    world.advance(3 * DELAY_MS + TAKEOVER_MS, LONGEST_REMOVAL_MS);
    await replica.collect(0);
    await replica.findOrphans();
    await replica.collect(0);
  }

  function leftovers(): string | undefined {
    const digestsIn = (table: string): ReadonlySet<unknown> =>
      new Set(database.engine.committed(table).map(({ digest }) => digest));
    const needed = digestsIn('manifest_blobs');
    const others = [...disk.contents, ...digestsIn('blobs'), ...digestsIn('gc_candidates'), ...digestsIn('gc_leases')];
    const left = others.find((digest) => !needed.has(digest)) as Digest | undefined;
    return left === undefined ? undefined : `${left} is garbage, and was not collected`;
  }
}

const textOf = (result: unknown): string | undefined => (typeof result === 'string' ? result : undefined);
