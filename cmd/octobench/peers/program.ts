import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { CliError } from '../../../internal/cli/index.ts';

/** A server that runs as a process of its own. */
export interface Peer {
  readonly url: string;
  readonly pid: number;
  /** From its start until it first answered. */
  readonly startMs: number;
  /** Asks it to end, and waits for that. */
  close(): Promise<void>;
}

export interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Where it runs, and where its output goes. */
  readonly folder: string;
  readonly url: string;
}

const START_MS = 30_000;
const LOOK_MS = 2;
const STOP_MS = 15_000;

/** A port that nobody listens on. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

const answers = (url: string): Promise<boolean> =>
  fetch(new URL('/v2/', url)).then(
    async (response) => {
      await response.body?.cancel();
      return response.status < 500;
    },
    () => false,
  );

/** Starts a server with its output in a file, and waits until it answers. */
export async function startProgram({ command, args, env, folder, url }: ProgramOptions): Promise<Peer> {
  const output = `${folder}/output.log`;
  const log = await open(output, 'a');
  const startTicks = performance.now();
  const child = spawn(command, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', log.fd, log.fd],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()));
  let hasEnded = false;
  void ended.then(() => (hasEnded = true));
  try {
    while (!(await answers(url))) {
      if (hasEnded || performance.now() - startTicks > START_MS) {
        throw new CliError(`${command} does not answer at ${url}`, { hint: `What it said is in ${output}.` });
      }
      await pause(LOOK_MS);
    }
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    await log.close();
  }
  return {
    url,
    pid: child.pid ?? 0,
    startMs: performance.now() - startTicks,
    async close() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}
