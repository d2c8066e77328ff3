import { open, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { DocumentError } from '../types.ts';

/** Who holds a lock: a process of a machine, and which of all that ever had its number. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  readonly id: string;
}

export interface LockDeps {
  readonly holder: Holder;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Whether a process of this machine runs. */
  readonly isAlive: (pid: number) => boolean;
}

/** A file beside the document that keeps other servers off it. */
export interface Lock {
  /** Says that its holder is alive. */
  touch(): Promise<void>;
  /** Whether it is still ours: a holder that slept for long may have lost it. */
  isOurs(): Promise<boolean>;
  release(): Promise<void>;
}

/** How often a holder touches its lock, and after how long without that anybody may take it. */
export const TOUCH_MS = 5000;
const STALE_MS = 60_000;

/** Takes the lock; a DocumentError names who has it. */
export async function takeLock(path: string, deps: LockDeps): Promise<Lock> {
  const content = JSON.stringify(deps.holder);
  if (!(await create(path, content))) await takeOver(path, content, deps);
  return {
    touch: async () => {
      const now = deps.clock() / 1000;
      await utimes(path, now, now);
    },
    isOurs: async () => (await readFile(path, 'utf8').catch(() => '')) === content,
    release: async () => {
      if ((await readFile(path, 'utf8').catch(() => '')) === content) await rm(path, { force: true });
    },
  };
}

async function create(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** One at a time looks whether the lock is left over, and replaces it. */
async function takeOver(path: string, content: string, deps: LockDeps): Promise<void> {
  const turn = `${path}.taking`;
  if (!(await create(turn, content))) {
    if (await isFresh(turn, deps)) throw held(path, 'another server is about to take it');
    await rm(turn, { force: true });
    if (!(await create(turn, content))) throw held(path, 'another server is about to take it');
  }
  try {
    const holder = await readHolder(path);
    if ((await isFresh(path, deps)) && !isGone(holder, deps)) {
      throw held(path, holder ? `process ${holder.pid} of ${holder.host} has it` : 'another server has it');
    }
    await writeFile(`${turn}.new`, content, { mode: 0o600 });
    await rename(`${turn}.new`, path);
  } finally {
    await rm(turn, { force: true });
  }
}

/** A process that ended without a word, or one that had our number before us: in a container all have the same. */
function isGone(holder: Holder | undefined, { holder: ours, isAlive }: LockDeps): boolean {
  if (holder === undefined || holder.host !== ours.host) return false;
  return holder.pid === ours.pid ? holder.id !== ours.id : !isAlive(holder.pid);
}

async function isFresh(path: string, { clock }: LockDeps): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && clock() - found.mtimeMs < STALE_MS;
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const { host, pid, id } = JSON.parse(await readFile(path, 'utf8')) as Partial<Holder>;
    return typeof host === 'string' && typeof pid === 'number' && typeof id === 'string'
      ? { host, pid, id }
      : undefined;
  } catch {
    return undefined; // just being written, or by nobody of us
  }
}

function held(path: string, why: string): DocumentError {
  return new DocumentError('storage', 'use the document', why, {
    hint: `Stop it; if no server uses the document, remove ${path}.`,
  });
}

export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);
