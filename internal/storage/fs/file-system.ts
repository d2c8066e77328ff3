import fs from 'node:fs';

export type FileKind = 'file' | 'folder' | 'other';

export interface FileStat {
  readonly kind: FileKind;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** How many names the file has. */
  readonly links: number;
}

/** Calls on open files. */
export interface OpenFiles {
  open(path: string, flags: number, mode?: number): Promise<number>;
  close(file: number): Promise<void>;
  /** How many bytes came; 0 at the end of the file. */
  read(file: number, into: Uint8Array, position: number): Promise<number>;
  /** How many bytes were taken. */
  write(file: number, bytes: Uint8Array, position: number): Promise<number>;
  truncate(file: number, sizeBytes: number): Promise<void>;
  /** On stable storage; `data`: only what it takes to read the content again. */
  sync(file: number, what: 'data' | 'all'): Promise<void>;
  stat(file: number): Promise<FileStat>;
}

/** Calls on names. None follows a symbolic link in the last segment. */
export interface Paths {
  stat(path: string): Promise<FileStat>;
  mkdir(path: string, mode: number): Promise<void>;
  link(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Names in a folder, without `.` and `..`, in no order. */
  list(path: string): AsyncIterable<{ readonly name: string; readonly kind: FileKind }>;
  /** Of the file system that the path is on: what this process may still use of it, and all there is. */
  space(path: string): Promise<{ readonly freeBytes: number; readonly totalBytes: number }>;
  /** Rejects where this process may not write there. */
  access(path: string): Promise<void>;
}

/** The few calls through which this driver touches the disk; a test makes any of them fail. */
export interface FileSystem {
  readonly files: OpenFiles;
  readonly paths: Paths;
}

type Callback<T> = (error: NodeJS.ErrnoException | null, value?: T) => void;

// Plain callbacks: a FileHandle costs more per call, and closes itself at times of its own.
function call<T = void>(start: (done: Callback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(error) : resolve(value as T)));
  });
}

function kindOf(entry: fs.Stats | fs.Dirent): FileKind {
  if (entry.isFile()) return 'file';
  return entry.isDirectory() ? 'folder' : 'other';
}

export function statOf(stats: fs.Stats): FileStat {
  return { kind: kindOf(stats), sizeBytes: stats.size, modifiedMs: stats.mtimeMs, links: stats.nlink };
}

async function* list(path: string): AsyncGenerator<{ name: string; kind: FileKind }> {
  for await (const entry of await call<fs.Dir>((done) => fs.opendir(path, { bufferSize: 256 }, done))) {
    yield { name: entry.name, kind: kindOf(entry) };
  }
}

/** The operating system's own. */
export const FILE_SYSTEM: FileSystem = {
  files: {
    open: (path, flags, mode) => call((done) => fs.open(path, flags, mode, done)),
    close: (file) => call((done) => fs.close(file, done)),
    read: (file, into, position) => call((done) => fs.read(file, into, 0, into.length, position, done)),
    write: (file, bytes, position) => call((done) => fs.write(file, bytes, 0, bytes.length, position, done)),
    truncate: (file, sizeBytes) => call((done) => fs.ftruncate(file, sizeBytes, done)),
    sync: (file, what) => call((done) => (what === 'data' ? fs.fdatasync(file, done) : fs.fsync(file, done))),
    stat: async (file) => statOf(await call<fs.Stats>((done) => fs.fstat(file, done))),
  },
  paths: {
    stat: async (path) => statOf(await call<fs.Stats>((done) => fs.lstat(path, done))),
    mkdir: (path, mode) => call((done) => fs.mkdir(path, mode, done)),
    link: (from, to) => call((done) => fs.link(from, to, done)),
    rename: (from, to) => call((done) => fs.rename(from, to, done)),
    unlink: (path) => call((done) => fs.unlink(path, done)),
    list,
    space: async (path) => {
      const { bavail, blocks, bsize } = await call<fs.StatsFs>((done) => fs.statfs(path, done));
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    },
    access: (path) => call((done) => fs.access(path, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK, done)),
  },
};
