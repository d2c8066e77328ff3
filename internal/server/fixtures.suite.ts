import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { loadConfig } from '../config/index.ts';
import type { Logger } from '../log/index.ts';
import { createMetrics } from '../metrics/index.ts';
import { openTempFolder } from '../testing/temp-folder.ts';
import { buildServer, type Built } from './build.ts';
import { openListener } from './listeners/http.ts';
import { OPTION_TABLES } from './options.ts';
import type { StandAlone } from './stand-alone.ts';
import { Seats } from './listeners/seats.ts';

// A suite by its name only because nothing but tests may import it.

/** One record of the log. */
export interface Logged {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface ServerOptions {
  /** By dotted key, as on the command line. Storage is in memory unless told otherwise. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly clock?: () => number;
  /** A free one where it is not given. */
  readonly port?: number;
  readonly ticks?: () => number;
  /** As the program of one facade. */
  readonly standAlone?: StandAlone;
  /** Beside what `logged` keeps. */
  readonly log?: Logger;
}

/** The whole server in this process, on a free port. */
export interface TestServer {
  readonly built: Built;
  readonly url: string;
  readonly port: number;
  /** Its data folder, which is there only with `storage.type: filesystem`. */
  readonly folder: string;
  /** What it has logged so far. */
  readonly logged: readonly Logged[];
  close(): Promise<void>;
}

/** A logger that keeps what it is told. */
export function keepingLogger(logged: Logged[]): Logger {
  const write =
    (level: string) =>
    (message: string, fields: Logged['fields'] = {}): void =>
      void logged.push({ level, message, fields });
  const logger: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => logger,
  };
  return logger;
}

/** A logger that tells both. */
function both(one: Logger, other: Logger): Logger {
  const tell =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields?: Logged['fields']): void => {
      one[level](message, fields);
      other[level](message, fields);
    };
  return {
    debug: tell('debug'),
    info: tell('info'),
    warn: tell('warn'),
    error: tell('error'),
    child: (fields) => both(one.child(fields), other.child(fields)),
  };
}

export async function openServer(options: ServerOptions = {}): Promise<TestServer> {
  const { settings, clock, ticks, log, standAlone, port = 0 } = options;
  const home = await openTempFolder('octoserve-server');
  const folder = join(home.path, 'data');
  const { config } = await loadConfig({
    tables: OPTION_TABLES,
    env: {},
    flags: { 'storage.type': 'memory', 'storage.path': folder, 'storage.durability': 'os', ...settings },
    cwd: home.path,
  });
  const logged: Logged[] = [];
  const metrics = createMetrics();
  const built = await buildServer({
    config,
    log: log ? both(keepingLogger(logged), log) : keepingLogger(logged),
    version: '0.0.0-test',
    metrics,
    standAlone,
    expose: () => metrics.expose(),
    ...(clock && { clock }),
    ...(ticks && { ticks }),
  });
  const listener = await openListener({
    address: '127.0.0.1',
    port,
    tls: undefined,
    inactivity: {
      readMs: config['server.read_timeout'],
      writeMs: config['server.write_timeout'],
      idleMs: config['server.idle_timeout'],
    },
    maxHeaderBytes: config['server.max_header_size'],
    shared: false,
    seats: new Seats(0),
    onAcceptError: () => undefined,
    createExchange: built.createExchange,
    begin: built.begin,
  });
  return {
    built,
    url: `http://127.0.0.1:${listener.port}`,
    port: listener.port,
    folder,
    logged,
    async close() {
      listener.cut();
      await listener.drain();
      await built.close();
      await home.remove();
    },
  };
}

/** Resolves when something that the server does on its own time has come about; throws when it does not in five seconds. */
export async function eventually(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 5000;
  while (!(await check())) {
    if (performance.now() > endMs) throw new Error(`waited in vain until ${what}`);
    await new Promise(setImmediate);
  }
}

/** A server for each test of a `describe`. */
export function useServer(options?: ServerOptions): TestServer {
  return useOpened(options, beforeEach, afterEach);
}

/** One server for all tests of a `describe`: for tables of requests that change nothing for each other. */
export function shareServer(options?: ServerOptions): TestServer {
  return useOpened(options, beforeAll, afterAll);
}

type Hook = (run: () => Promise<void>) => void;

function useOpened(options: ServerOptions | undefined, before: Hook, after: Hook): TestServer {
  let server: TestServer | undefined;
  const opened = (): TestServer => {
    if (!server) throw new Error('a server is there while a test runs');
    return server;
  };
  before(async () => {
    server = await openServer(options);
  });
  after(async () => {
    await server?.close();
    server = undefined;
  });
  return new Proxy({} as TestServer, { get: (_target, name) => Reflect.get(opened(), name) as unknown });
}
