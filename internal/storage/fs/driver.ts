import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { makeFolders } from '../../files/index.ts';
import type { Driver } from '../driver.ts';
import { BLOBS, MANIFESTS, UPLOADS } from '../layout.ts';
import { StorageError } from '../types.ts';
import { attempt, codeOf } from './failures.ts';
import { FILE_SYSTEM, type FileSystem } from './file-system.ts';
import { FOLDER_MODE, Folders } from './folders.ts';
import { createObjects } from './objects.ts';
import { PutThread } from './put-thread.ts';
import { ReadBuffers } from './read-buffers.ts';
import { createStaging } from './staging.ts';
import { createSpace } from './space.ts';
import type { Store } from './store.ts';

export interface FolderOptions {
  /** The data folder; made where it is missing. */
  readonly path: string;
  readonly durability: 'full' | 'os';
  readonly uuid: () => string;
  /** Whether the folders that are made let nobody in but who runs this. */
  readonly closed?: boolean;
  /** For tests. */
  readonly system?: FileSystem;
  /** For tests. */
  readonly buffers?: ReadBuffers;
}

const CLOSED_MODE = 0o700;
const TOP = [BLOBS, MANIFESTS, UPLOADS];
const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'the user that runs this has no right to it: give that right, or set storage.path to another folder',
  EPERM: 'the user that runs this has no right to it: give that right, or set storage.path to another folder',
  EROFS: 'the file system is read-only: mount it for writing, or set storage.path to another folder',
  ENOSPC: 'the disk is full: make room, or set storage.path to another folder',
  ENOENT: 'it cannot be made there: mount the disk for writing, or set storage.path to another folder',
  EEXIST: 'it is not a folder: set storage.path to a folder, or to where one can be made',
  ENOTDIR: 'it is not in a folder: set storage.path to a folder, or to where one can be made',
};

/** Storage in a folder of this machine, on Linux and macOS. A StorageError says what to do where it cannot be used. */
export async function openFolder(options: FolderOptions): Promise<Driver> {
  const { durability, uuid, buffers = new ReadBuffers() } = options;
  const system = options.system ?? FILE_SYSTEM;
  const path = resolve(options.path);
  const durable = durability === 'full';
  const mode = options.closed ? CLOSED_MODE : FOLDER_MODE;
  const folders = await makeTop(path, system, durable, mode).catch((failure: unknown) => {
    if (failure instanceof StorageError) throw failure;
    const code = codeOf(failure);
    throw new StorageError('broken', `cannot use ${path} for storage: ${ADVICE[code] ?? code}`, failure);
  });
  const store: Store = { system, folders, buffers, durable, uuid };
  const thread = options.system ? undefined : new PutThread({ root: folders.path(''), durable, mode });

  async function check(): Promise<void> {
    await Promise.all(TOP.map((folder) => system.paths.access(folders.path(folder))));
  }

  return {
    name: 'filesystem',
    objects: createObjects(store, thread && ((key, bytes) => thread.put(key, bytes))),
    staging: createStaging(store),
    space: createSpace(folders.path(''), system),
    check: () => attempt('use the data folder', check),
    close: async () => thread?.close(), // files that are open belong to their readers and writers
  };
}

async function makeTop(path: string, system: FileSystem, durable: boolean, mode: number): Promise<Folders> {
  await makeFolders(path, mode);
  // The folder itself may be reached through links: they are the operator's own. Below it none is followed.
  const folders = new Folders(await realpath(path), system, durable, mode);
  for (const folder of TOP) {
    await folders.make(folder);
    await system.paths.access(folders.path(folder));
  }
  return folders;
}
