import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestedDriver } from '../fixtures.suite.ts';
import { openFolder } from './driver.ts';
import { FILE_SYSTEM, type FileSystem, type OpenFiles, type Paths } from './file-system.ts';
import { ReadBuffers } from './read-buffers.ts';

/** The real file system, with every call seen; `before` may make one fail, by throwing. */
export class WatchedFileSystem implements FileSystem {
  readonly files: OpenFiles;
  readonly paths: Paths;
  readonly open = new Set<number>();
  /** So many bytes go through one call. */
  mostBytes = Infinity;
  before: (name: string, argument: string | number) => void = () => undefined;

  constructor() {
    const { files, paths } = FILE_SYSTEM;
    const watched =
      <A extends string | number, B extends unknown[], R>(name: string, act: (first: A, ...rest: B) => Promise<R>) =>
      async (first: A, ...rest: B): Promise<R> => {
        this.before(name, first);
        return act(first, ...rest);
      };
    this.files = {
      open: watched('open', async (path: string, flags: number, mode?: number) => {
        const file = await files.open(path, flags, mode);
        this.open.add(file);
        return file;
      }),
      // A close that fails has closed the file all the same.
      close: async (file) => {
        this.open.delete(file);
        await files.close(file);
        this.before('close', file);
      },
      read: watched('read', (file: number, into: Uint8Array, at: number) =>
        files.read(file, into.subarray(0, this.mostBytes), at),
      ),
      write: watched('write', (file: number, bytes: Uint8Array, at: number) =>
        files.write(file, bytes.subarray(0, this.mostBytes), at),
      ),
      truncate: watched('truncate', (file: number, sizeBytes: number) => files.truncate(file, sizeBytes)),
      sync: watched('sync', (file: number, what: 'data' | 'all') => files.sync(file, what)),
      stat: watched('fstat', (file: number) => files.stat(file)),
    };
    const before = (name: string, path: string): void => this.before(name, path);
    this.paths = {
      stat: watched('stat', (path: string) => paths.stat(path)),
      mkdir: watched('mkdir', (path: string, mode: number) => paths.mkdir(path, mode)),
      link: watched('link', (from: string, to: string) => paths.link(from, to)),
      rename: watched('rename', (from: string, to: string) => paths.rename(from, to)),
      unlink: watched('unlink', (path: string) => paths.unlink(path)),
      space: watched('statfs', (path: string) => paths.space(path)),
      access: watched('access', (path: string) => paths.access(path)),
      async *list(path) {
        before('list', path);
        yield* paths.list(path);
      },
    };
  }
}

export function failureOf(code: string): Error {
  return Object.assign(new Error(`${code}: made to fail`), { code });
}

export interface TestedFolder extends TestedDriver {
  readonly path: string;
  readonly system: WatchedFileSystem;
  readonly buffers: ReadBuffers;
}

export async function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'octoserve-storage-'));
}

/** A driver on a folder of its own, or on one that is there already and stays. */
export async function openTestedFolder(given?: string, durability: 'full' | 'os' = 'full'): Promise<TestedFolder> {
  const path = given ?? (await newFolder());
  const system = new WatchedFileSystem();
  const buffers = new ReadBuffers();
  const driver = await openFolder({ path, durability, uuid: randomUUID, system, buffers });
  return {
    driver,
    path,
    system,
    buffers,
    async end() {
      await driver.close();
      if (given === undefined) await rm(path, { recursive: true });
      const left = [
        ['open files', system.open.size],
        ['buffers on loan', buffers.inUse],
      ] as const;
      return left.filter(([, count]) => count > 0).map(([what, count]) => `${count} ${what}`);
    },
  };
}

/** A driver as it is outside of tests: nobody sees its calls, and a thread of its own puts files in their places. */
export async function openThreadedFolder(): Promise<TestedDriver> {
  const path = await newFolder();
  const buffers = new ReadBuffers();
  const driver = await openFolder({ path, durability: 'full', uuid: randomUUID, buffers });
  return {
    driver,
    async end() {
      await driver.close();
      await rm(path, { recursive: true });
      return buffers.inUse > 0 ? [`${buffers.inUse} buffers on loan`] : [];
    },
  };
}
