import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { findUploadId } from '../../../pkg/oci/index.ts';
import { allEnded } from '../all-ended.ts';
import type { Key } from '../driver.ts';
import { uploadKey } from '../layout.ts';
import { StorageError } from '../types.ts';
import { codeOf, orAbsent } from './failures.ts';
import type { FileSystem } from './file-system.ts';
import type { Folders } from './folders.ts';
import type { ReadBuffers } from './read-buffers.ts';

/** What the parts of this driver share. */
export interface Store {
  readonly system: FileSystem;
  readonly folders: Folders;
  readonly buffers: ReadBuffers;
  /** False leaves stable storage to the operating system. */
  readonly durable: boolean;
  /** A fresh UUID each time. */
  readonly uuid: () => string;
}

const FILE_MODE = 0o644;
// A link in the last segment is refused, and a pipe that somebody put there does not make us wait.
const CAREFULLY = constants.O_NOFOLLOW | constants.O_NONBLOCK;
export const READ = constants.O_RDONLY | CAREFULLY;
export const GROW = constants.O_RDWR | CAREFULLY;
const CREATE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | CAREFULLY;

/** An open file with what is known of it. */
export interface OpenFile {
  readonly file: number;
  readonly sizeBytes: number;
  readonly links: number;
}

/** Opens what is under a key; undefined where nothing is. Anything but a plain file is refused. */
export async function openExisting(store: Store, key: Key, flags: number): Promise<OpenFile | undefined> {
  const { files } = store.system;
  if (!(await store.folders.has(dirname(key)))) return undefined;
  const file = await orAbsent(files.open(store.folders.path(key), flags)).catch((failure: unknown) => {
    if (codeOf(failure) !== 'ELOOP') throw failure;
    throw new StorageError('broken', `${key} in the data folder is a symbolic link`, failure);
  });
  if (file === undefined) return undefined;
  try {
    const { kind, sizeBytes, links } = await files.stat(file);
    if (kind !== 'file') throw new StorageError('broken', `${key} in the data folder is not a file`);
    return { file, sizeBytes, links };
  } catch (failure) {
    await files.close(file).catch(() => undefined); // the first failure is the one to tell
    throw failure;
  }
}

/** Makes a file under a key where there is none; EEXIST otherwise. */
export function createFile(store: Store, key: Key): Promise<number> {
  const path = store.folders.path(key);
  return store.folders.within(dirname(key), () => store.system.files.open(path, CREATE, FILE_MODE));
}

/**
 * Puts what `fill` writes under a key, whole or not at all, in place of what was there. It is a new file under a name of
 * its own until it is written and synced; what a crash leaves of that expires like any other upload. The folder is made
 * while the file is synced: neither waits for the other, and a file system's journal has both to write at once.
 */
export async function replaceFile(store: Store, key: Key, fill: (file: number) => Promise<void>): Promise<void> {
  const { durable, folders, system } = store;
  const temporary = temporaryKey(store);
  const file = await createFile(store, temporary);
  try {
    await closing(store, file, async () => {
      await fill(file);
      const synced = durable ? system.files.sync(file, 'data') : Promise.resolve();
      await allEnded([synced, folders.make(dirname(key))]);
    });
    await folders.within(dirname(key), () => system.paths.rename(folders.path(temporary), folders.path(key)));
  } catch (failure) {
    await system.paths.unlink(folders.path(temporary)).catch(() => undefined); // else it expires
    throw failure;
  }
}

export function temporaryKey(store: Store): Key {
  const id = findUploadId(store.uuid());
  if (!id) throw new TypeError('the maker of UUIDs gave something else');
  return uploadKey(id);
}

/** Runs `act`, and closes the file it wrote to: a failure of either is told, since some systems write only then. */
export async function closing<T>(store: Store, file: number, act: () => Promise<T>): Promise<T> {
  let result: T;
  try {
    result = await act();
  } catch (failure) {
    await store.system.files.close(file).catch(() => undefined); // the first failure is the one to tell
    throw failure;
  }
  await store.system.files.close(file);
  return result;
}

/**
 * Linux makes room in its cache for all that one call brings, which takes longer the more that is; and each call costs
 * a turn in Node's pool of threads. Between the two: enhancements/013-performance.md.
 */
const WRITE_BYTES = 256 * 1024;

/** Writes all of the bytes, however few the system takes at a time. */
export async function writeAll(store: Store, file: number, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const piece = bytes.subarray(written, written + WRITE_BYTES);
    written += await store.system.files.write(file, piece, position + written);
  }
}
