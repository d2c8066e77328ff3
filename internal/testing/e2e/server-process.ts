import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { join, resolve } from 'node:path';
import { openTempFolder } from '../temp-folder.ts';
import { startDaemon, type Child, type Ended } from './child.ts';
import { findFreePort } from './ports.ts';
import { tryRun, type Ran } from './run.ts';

/** Settings by their dotted keys: `{ 'server.workers': '2' }`. */
export type Settings = Readonly<Record<string, string>>;

/** The real server as a process of its own, on a free port and a data folder of its own. */
export interface ServerProcess {
  readonly url: string;
  /** `localhost:<port>`, as clients write it before a repository. */
  readonly host: string;
  readonly port: number;
  /** The data folder. */
  readonly folder: string;
  /** Of the process that runs now. */
  readonly pid: number;
  /** What the process that runs now has printed. */
  output(): string;
  /** Asks it to end (SIGTERM) and waits for that. */
  stop(): Promise<Ended>;
  /** Ends it without a chance to say goodbye. */
  kill(): Promise<void>;
  /** Starts it again on the same folder and port, after `stop` or `kill`; `settings` in place of the earlier ones. */
  start(settings?: Settings): Promise<void>;
  /** Ends it if it runs, and removes its folder. */
  close(): Promise<void>;
}

const ROOT = resolve(import.meta.dirname, '../../..');
/** Whether the server is what the package carries, and not the sources. */
export const IS_DIST = process.env['OCTOSERVE_E2E'] === 'dist';
const PROGRAM = join(ROOT, IS_DIST ? 'dist/cmd/octoserve/main.js' : 'cmd/octoserve/main.ts');

const variableOf = (key: string): string => `OCTOSERVE_${key.toUpperCase().replaceAll('.', '_')}`;
const toVariables = (settings: Settings): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(settings).map(([key, value]) => [variableOf(key), value]));

/** The environment of this process, without what it says to a server that is started by hand. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OCTOSERVE_')));
}

/** What a server is waited for: that it can serve, or only that it answers. */
export type Probe = '/readyz' | '/livez';

function passes(url: string, probe: Probe): Promise<boolean> {
  const request = url.startsWith('https:') ? requestTls : requestPlain;
  return new Promise((answer) => {
    const asked = request(url + probe, { rejectUnauthorized: false, agent: false, timeout: 5000 }, (response) => {
      response.resume();
      answer(response.statusCode === 200);
    });
    asked.once('error', () => answer(false)).end();
  });
}

/** How a command of the program is started, on the stores that the settings name. */
export function commandLine(args: readonly string[], settings: Settings) {
  const env: NodeJS.ProcessEnv = { ...cleanEnvironment(), ...toVariables(settings) };
  return { program: process.execPath, args: [PROGRAM, ...args], env };
}

/** Runs a command of the program to its end, on the stores that the settings name; it reads `input`. */
export async function runCommand(args: readonly string[], settings: Settings, input = ''): Promise<Ran> {
  const home = await openTempFolder('octoserve-e2e');
  try {
    return await tryRun(process.execPath, [PROGRAM, ...args], { cwd: home.path, env: toVariables(settings), input });
  } finally {
    await home.remove();
  }
}

/** Starts the server from the sources, or from `dist` where OCTOSERVE_E2E says so, and waits until it passes the probe. */
export async function startServer(settings: Settings = {}, probe: Probe = '/readyz'): Promise<ServerProcess> {
  const home = await openTempFolder('octoserve-e2e');
  const folder = join(home.path, 'data');
  const port = await findFreePort();
  const host = `localhost:${port}`;
  const url = `${'server.tls.cert' in settings ? 'https' : 'http'}://${host}`;

  const launch = (wanted: Settings): Promise<Child> => {
    const all = { 'server.port': String(port), 'storage.path': folder, ...wanted };
    return startDaemon(process.execPath, [PROGRAM], {
      cwd: home.path, // where there is no config.json and no .env
      env: { ...cleanEnvironment(), ...toVariables(all) },
      isReady: () => passes(url, probe),
    });
  };

  let latest = settings;
  let child = await launch(latest).catch(async (failure: unknown) => {
    await home.remove();
    throw failure;
  });
  return {
    url,
    host,
    port,
    folder,
    get pid() {
      return child.pid;
    },
    output: () => child.output(),
    stop: () => child.end('SIGTERM'),
    async kill() {
      await child.end('SIGKILL');
    },
    async start(wanted = latest) {
      latest = wanted;
      child = await launch(latest);
    },
    async close() {
      if (!child.hasEnded()) await child.end('SIGTERM');
      await home.remove();
    },
  };
}
