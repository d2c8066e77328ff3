import { join, resolve } from 'node:path';
import { openTempFolder } from '../temp-folder.ts';
import { startDaemon, type Child, type Ended } from './child.ts';
import { findFreePort } from './ports.ts';
import { tryRun, type Ran } from './run.ts';
import { IS_DIST } from './server-process.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const programOf = (name: string): string => join(ROOT, IS_DIST ? `dist/cmd/${name}/main.js` : `cmd/${name}/main.ts`);

type Env = Readonly<Record<string, string>>;

/** The environment of this process, without what it says to servers and clients of COLA. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:OCTOSERVE|COLA|AWS)_/.test(name)));
}

/** `cola-registry server` as a process of its own, in a folder of its own. */
export interface ColaServer {
  readonly url: string;
  /** `http://localhost:<port>/api/v1` */
  readonly base: string;
  readonly port: number;
  /** Where it was started. */
  readonly folder: string;
  readonly pid: number;
  output(): string;
  /** What it logged, a record each. */
  logged(): readonly Readonly<Record<string, unknown>>[];
  stop(): Promise<Ended>;
  /** Waits for the end that something else brings about. */
  ended(): Promise<Ended>;
  signal(name: NodeJS.Signals): void;
  kill(): Promise<void>;
  /** Starts it again, with these flags in place of the earlier ones. */
  start(flags?: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface ColaOptions {
  readonly env?: Env;
  /** Runs as this user instead. */
  readonly uid?: number;
  /** Before it is started the first time. */
  readonly prepare?: (folder: string) => Promise<void>;
}

export async function startCola(
  flags: readonly string[] = [],
  { env = {}, uid, prepare }: ColaOptions = {},
): Promise<ColaServer> {
  const home = await openTempFolder('cola-e2e');
  await prepare?.(home.path);
  const port = await findFreePort();
  const url = `http://localhost:${port}`;
  const launch = (wanted: readonly string[]): Promise<Child> =>
    startDaemon(process.execPath, [programOf('cola-registry'), 'server', '--port', String(port), ...wanted], {
      cwd: home.path,
      env: { ...cleanEnvironment(), ...env },
      ...(uid !== undefined && { uid, gid: uid }),
      isReady: () =>
        fetch(`${url}/api/v1/health`).then(
          ({ ok }) => ok,
          () => false,
        ),
    });
  let child = await launch(flags).catch(async (failure: unknown) => {
    await home.remove();
    throw failure;
  });
  return {
    url,
    base: `${url}/api/v1`,
    port,
    folder: home.path,
    get pid() {
      return child.pid;
    },
    output: () => child.output(),
    logged: () =>
      child
        .output()
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>),
    stop: () => child.end('SIGTERM'),
    ended: () => child.ended,
    signal: (name) => void process.kill(child.pid, name),
    async kill() {
      await child.end('SIGKILL');
    },
    async start(wanted = flags) {
      child = await launch(wanted);
    },
    async close() {
      if (!child.hasEnded()) await child.end('SIGTERM');
      await home.remove();
    },
  };
}

export interface RunColaOptions {
  readonly cwd: string;
  readonly env?: Env;
  readonly input?: string;
}

/** Runs one of COLA's programs to its end. */
export function runCola(
  name: 'cola-registry' | 'cola-regctl',
  args: readonly string[],
  { cwd, env = {}, input = '' }: RunColaOptions,
): Promise<Ran> {
  return tryRun(process.execPath, [programOf(name), ...args], { cwd, env: { HOME: cwd, ...env }, input });
}
