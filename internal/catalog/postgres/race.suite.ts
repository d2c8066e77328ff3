import type { Client } from 'pg';
import type { RepositoryName } from '../../../pkg/oci/index.ts';
import { askPostgres } from '../../testing/postgres.ts';
import type { Catalog, CommandArgs, CommandName, UploadRow } from '../types.ts';
import { createCommands } from './commands.ts';
import { connect } from './connect.ts';
import type { Text } from '../statement.ts';
import { createStatements, type Named } from './dialect.ts';
import { createSession, type Session } from './session.ts';
import type { PostgresSettings } from './settings.ts';

/** A command that is to run beside another. */
export interface Call {
  readonly name: CommandName;
  readonly args: unknown;
}

export const call = <Name extends CommandName>(name: Name, args: CommandArgs<Name>): Call => ({ name, args });

/** Two commands about one repository, and every pair of results that running them one after the other could give. */
export interface Race {
  readonly repository: RepositoryName;
  readonly calls: readonly [Call, Call];
  readonly allowed: readonly (readonly [unknown, unknown])[];
  /** What else must be so then. */
  readonly after?: () => Promise<void>;
}

/** By what meets; each made anew for each way of meeting. */
export type Races = Readonly<Record<string, (catalog: Catalog) => Promise<Race>>>;

/** Where races are run: a database, a catalog on it for all else, and the track. */
export interface Stage {
  readonly url: string;
  readonly catalog: Catalog;
  readonly track: Track;
}

export interface Finish {
  readonly results: readonly [unknown, unknown];
  /** How often the first could have been stopped: after so many steps it commits. */
  readonly steps: number;
}

/** Two connections on which commands are run as the catalog runs them, and a third that looks on. */
export interface Track {
  /**
   * Begins the first command and stops it after so many steps; runs the second until it is done or waits for the first;
   * then lets both come to their end.
   */
  race(first: Call, second: Call, stopAfter: number): Promise<Finish>;
  /** Runs a command up to its COMMIT; how to let that go. */
  stopAtCommit(call: Call): Promise<() => Promise<unknown>>;
  close(): Promise<void>;
}

/** Makes of a statement what a careless programmer would have written. */
export type Mutation = (statement: Named) => Named;

/** A way in which the two commands of a race met, and what came of them in words. */
export interface Meeting {
  readonly race: Race;
  readonly words: readonly [unknown, unknown];
}

/** Every way: the one or the other is there first, and has done any number of its steps when the other comes. */
export async function* meetingsOf(
  { catalog, track }: Pick<Stage, 'catalog' | 'track'>,
  prepare: Races[string],
): AsyncGenerator<Meeting> {
  for (const isAsNamed of [true, false]) {
    for (let stopAfter = 0, steps = 1; stopAfter <= steps; stopAfter += 1) {
      const race = await prepare(catalog);
      const [one, two] = race.calls;
      const finish = isAsNamed ? await track.race(one, two, stopAfter) : await track.race(two, one, stopAfter);
      const [first, second] = finish.results.map(wordOf);
      yield { race, words: isAsNamed ? [first, second] : [second, first] };
      steps = finish.steps;
    }
  }
}

/** What came of a command, in a word; of a claim also where it goes on, of an expiry how many. */
function wordOf(result: unknown): unknown {
  if (Array.isArray(result)) return result.length;
  if (typeof result !== 'object' || result === null) return result;
  const { kind, upload } = result as { readonly kind: string; readonly upload?: UploadRow };
  return upload ? `${kind} at ${upload.offsetBytes}` : kind;
}

export async function openTrack(settings: PostgresSettings, mutate: Mutation = (same) => same): Promise<Track> {
  const all = createStatements();
  const statements = (text: Text): Named => mutate(all(text));
  const [one, two, watcher] = [await connect(settings), await connect(settings), await connect(settings)];
  // Two that wait for each other are found out at once.
  for (const client of [one, two]) await client.query("set deadlock_timeout = '10ms'");

  const run = ({ name, args }: Call, session: Session): Promise<unknown> => {
    const patience = { pause: async () => undefined, random: () => 0.5 };
    return createCommands({ use: (action) => action(session) }, patience)(name, args as CommandArgs<typeof name>);
  };

  async function stop(first: Call, stopAfter: number | 'commit') {
    const gate = createGate(createSession(one, statements), stopAfter);
    const ended = run(first, gate.session);
    ended.catch(() => undefined); // whoever finishes it hears of it
    await Promise.race([gate.reached, ended.catch(() => undefined)]);
    const finish = (): Promise<unknown> => {
      gate.open();
      return ended;
    };
    return { finish, steps: () => gate.steps() };
  }

  return {
    stopAtCommit: async (first) => (await stop(first, 'commit')).finish,
    race: async (first, second, stopAfter) => {
      const stopped = await stop(first, stopAfter);
      const other = run(second, createSession(two, statements));
      const done = other.then(
        () => true,
        () => true,
      );
      while (!(await Promise.race([done, isBlocked(watcher, two)])));
      const results = await Promise.all([stopped.finish(), other]);
      return { results, steps: stopped.steps() };
    },
    close: async () => void (await Promise.all([one, two, watcher].map((client) => client.end()))),
  };
}

/** Lets so many steps pass, COMMIT being one of them, then none before it is opened. */
export function createGate(session: Session, stopAfter: number | 'commit') {
  const opened = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  let steps = 0;
  async function pass(what: 'step' | 'commit'): Promise<void> {
    steps += 1;
    if (stopAfter === 'commit' ? what !== 'commit' : steps <= stopAfter) return;
    reached.resolve();
    await opened.promise;
  }
  const gated: Session = {
    execute: async (step) => {
      await pass('step');
      return session.execute(step);
    },
    ask: async (sql) => {
      if (sql === 'commit') await pass('commit');
      return session.ask(sql);
    },
  };
  return { session: gated, reached: reached.promise, open: opened.resolve, steps: () => steps };
}

async function isBlocked(watcher: Client, client: Client): Promise<boolean> {
  const { processID } = client as Client & { readonly processID: number };
  const { rows } = await watcher.query<{ waits: boolean }>('select cardinality(pg_blocking_pids($1)) > 0 as waits', [
    processID,
  ]);
  return rows[0]?.waits === true;
}

/** Resolves when somebody in the database waits for a lock that another has. */
export async function untilBlocked(url: string): Promise<void> {
  const blocked = `select pid from pg_stat_activity
    where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`;
  while ((await askPostgres(url, blocked)).length === 0);
}
