import { dirname } from 'node:path';
import type { Key } from '../driver.ts';
import { copyFile } from './copy-file.ts';
import { codeOf, orAbsent } from './failures.ts';
import { openExisting, READ, temporaryKey, type Store } from './store.ts';

/** File systems without hard links, or with no more of them for this file. */
const NO_LINK = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** Gives a synced file its second name. What has that name already stays where it is of the right size. */
export async function place(store: Store, file: number, from: Key, to: Key, sizeBytes: number): Promise<void> {
  const { folders, system } = store;
  const link = (key: Key): Promise<void> =>
    folders.within(dirname(key), () => system.paths.link(folders.path(from), folders.path(key)));
  try {
    await link(to);
  } catch (failure) {
    if (NO_LINK.includes(codeOf(failure))) return placeCopy(store, file, to, sizeBytes);
    if (codeOf(failure) !== 'EEXIST') throw failure;
    if (await keepsWhole(store, to, sizeBytes)) return;
    await replace(store, link, to);
  }
}

async function placeCopy(store: Store, file: number, to: Key, sizeBytes: number): Promise<void> {
  if (!(await keepsWhole(store, to, sizeBytes))) await copyFile(store, file, sizeBytes, to);
}

/** Whether a file of the right size is there; then it is on stable storage, whoever put it there and how. */
async function keepsWhole(store: Store, key: Key, sizeBytes: number): Promise<boolean> {
  const { folders, system } = store;
  const found = (await folders.has(dirname(key))) && (await orAbsent(system.paths.stat(folders.path(key))));
  if (!found || found.kind !== 'file' || found.sizeBytes !== sizeBytes) return false;
  if (!store.durable) return true;
  const opened = await openExisting(store, key, READ);
  if (!opened) return false;
  try {
    await system.files.sync(opened.file, 'data');
  } finally {
    await system.files.close(opened.file).catch(() => undefined); // nothing was written through it
  }
  return true;
}

async function replace(store: Store, link: (key: Key) => Promise<void>, to: Key): Promise<void> {
  const { folders, system } = store;
  const temporary = temporaryKey(store);
  await link(temporary);
  try {
    await system.paths.rename(folders.path(temporary), folders.path(to));
  } finally {
    // A rename between two names of one file does nothing and leaves both.
    await orAbsent(system.paths.unlink(folders.path(temporary))).catch(() => undefined); // else it expires
  }
}
