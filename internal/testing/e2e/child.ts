import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program that runs beside the test. */
export interface Child {
  readonly pid: number;
  /** Everything that it printed so far, on both outputs. */
  output(): string;
  readonly ended: Promise<Ended>;
  hasEnded(): boolean;
  /** Sends the signal and waits for the end; after `patienceMs` it is killed. */
  end(signal: NodeJS.Signals, patienceMs?: number): Promise<Ended>;
}

export interface ChildOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Another user and group than this process has, which takes root. */
  readonly uid?: number;
  readonly gid?: number;
}

const POLL_MS = 20;

/** Waits for a thing outside of this process; throws when it does not come. */
export async function until<T>(what: string, timeoutMs: number, find: () => T | Promise<T>): Promise<NonNullable<T>> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const found = await find();
    if (found) return found;
    if (performance.now() > endMs) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await sleep(POLL_MS);
  }
}

/** Starts a program; it is the caller's to end. */
export async function startChild(program: string, args: readonly string[], options: ChildOptions): Promise<Child> {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => printed.push(chunk));
  }
  let isOver = false;
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      isOver = true;
      resolve({ code, signal });
    });
  });
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  return {
    pid: child.pid as number,
    output: () => printed.join(''),
    ended,
    hasEnded: () => isOver,
    async end(signal, patienceMs = 30_000) {
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
      const how = await ended;
      clearTimeout(timer);
      return how;
    },
  };
}

interface StartedDaemon {
  readonly title: string;
  readonly output: () => string;
}

/** The daemons of a test file, in the order in which they started: for `failure-environment.js`. */
const startedDaemons: StartedDaemon[] = [];
Object.assign(globalThis, { startedDaemons });

/** Starts a program and waits until it serves; throws with its output where it ends before. */
export async function startDaemon(
  program: string,
  args: readonly string[],
  options: ChildOptions & { readonly isReady: () => Promise<boolean>; readonly timeoutMs?: number },
): Promise<Child> {
  const { isReady, timeoutMs = 30_000, ...rest } = options;
  const child = await startChild(program, args, rest);
  startedDaemons.push({ title: `${basename(program)}, process ${child.pid}`, output: () => child.output() });
  try {
    const state = await until(`${program} serves`, timeoutMs, async () => {
      if (child.hasEnded()) return 'ended';
      return (await isReady()) && 'ready';
    });
    if (state === 'ended') throw new Error('it ended at once');
    return child;
  } catch (cause) {
    await child.end('SIGKILL');
    throw new Error(`${program} does not serve:\n${child.output()}`, { cause });
  }
}
