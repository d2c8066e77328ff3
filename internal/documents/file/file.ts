import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { makeFolders, replaceFile } from '../../files/index.ts';
import type { DocumentDeps } from '../deps.ts';
import { DocumentError, type DocumentPlace, type LoadedDocument, type Persisted } from '../types.ts';
import type { FilePlace } from '../uri.ts';
import { codeOf, takeLock, TOUCH_MS, type Lock } from './lock.ts';

const LARGE_BYTES = 50 * 1024 * 1024;
const LARGEST_MIB = 100;
const MIB = 1024 * 1024;

/** Of all that ever had our process number, this one. */
const INSTANCE = createHash('sha256').update(`${process.pid} ${performance.timeOrigin}`).digest('hex').slice(0, 32);

/** A file of this machine. A crash in the middle of a write leaves the one before. */
export async function openFile(
  { path: asked }: FilePlace,
  { token, cwd, clock, uuid, log, isOurs }: DocumentDeps & { readonly isOurs: boolean },
): Promise<DocumentPlace> {
  const path = resolve(cwd, asked);
  const folder = dirname(path);
  // Of this document alone: another one in the folder has its own.
  const prefix = `.registry-${createHash('sha256').update(basename(path)).digest('hex').slice(0, 8)}-`;
  if (token) log.warn('The storage token is not used: the document is a file', { file: path });

  const lock = isOurs ? await attempt('use', async () => take()) : undefined;
  const beat = setInterval(() => void lock?.touch().catch(() => undefined), TOUCH_MS).unref();

  async function take(): Promise<Lock> {
    await makeFolders(folder, 0o755);
    const holder = { host: hostname(), pid: process.pid, id: INSTANCE };
    const taken = await takeLock(`${path}.lock`, { holder, clock, isAlive });
    // What a crash left in the middle of a write.
    const left = (await readdir(folder)).filter((name) => name.startsWith(prefix));
    await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
    return taken;
  }

  /** Undefined where there is no file. It is opened for a look, too: network file systems remember what is not. */
  async function opened<T>(use: (file: FileHandle) => Promise<T>): Promise<T | undefined> {
    let file: FileHandle;
    try {
      file = await open(path, 'r');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return await use(file);
    } finally {
      await file.close();
    }
  }

  /** What is at the path, told apart from whatever else may be put there. */
  const currentState = (): Promise<string | undefined> => opened(stateOf);
  const read = (): Promise<LoadedDocument | undefined> =>
    opened(async (file) => ({ state: await stateOf(file), bytes: await file.readFile() }));

  async function replace(bytes: Uint8Array): Promise<string> {
    const aside = join(folder, `${prefix}${uuid()}.json.tmp`);
    return textOf(await replaceFile(path, { aside, mode: 0o600, write: (file) => file.writeFile(bytes) }));
  }

  async function attempt<T>(operation: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof DocumentError) throw error;
      throw new DocumentError('storage', `${operation} ${path}`, codeOf(error), {
        ...hintFor(codeOf(error)),
        cause: error,
      });
    }
  }

  return {
    load: () => attempt('load', read),
    findState: () => attempt('look at', currentState),
    persist: (bytes, expected) =>
      attempt('persist', async (): Promise<Persisted> => {
        if (lock && !(await lock.isOurs())) {
          throw new DocumentError('storage', `persist ${path}`, 'its lock is gone, or another server took it');
        }
        if (!lock) await makeFolders(folder, 0o755);
        if ((await currentState()) !== expected) return { kind: 'changed' };
        const state = await replace(bytes);
        if (bytes.length > LARGE_BYTES) {
          const sizes = {
            size_mib: Math.round(bytes.length / MIB),
            threshold_mib: LARGE_BYTES / MIB,
            max_mib: LARGEST_MIB,
          };
          log.warn('The document is large, and is rewritten with each change', { file: path, ...sizes });
        }
        return { kind: 'persisted', state };
      }),
    check: () => attempt('write beside', () => probe(join(folder, `${prefix}${uuid()}.json.tmp`))),
    close: async () => {
      clearInterval(beat);
      await lock?.release();
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

const stateOf = async (file: FileHandle): Promise<string> => textOf(await file.stat({ bigint: true }));
const textOf = ({ ino, mtimeNs, size }: BigIntStats): string => `${ino}-${mtimeNs}-${size}`;

/** Rights say little (root has them all, a file system may be read-only): only a write tells. */
async function probe(path: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  await file.close();
  await rm(path, { force: true });
}

const HINTS: Readonly<Record<string, string>> = {
  EACCES: 'The user that runs this has no right to it: give that right, or choose another path.',
  EPERM: 'The user that runs this has no right to it: give that right, or choose another path.',
  EROFS: 'The file system is read-only: mount it for writing, or choose another path.',
  ENOSPC: 'The disk is full.',
  EISDIR: 'It is a folder: name a file in it.',
  ENOTDIR: 'A part of the path is a file.',
};

function hintFor(code: string): { hint?: string } {
  const hint = HINTS[code];
  return hint === undefined ? {} : { hint };
}
