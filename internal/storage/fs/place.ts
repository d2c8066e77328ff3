import { dirname } from 'node:path';
import type { Key } from '../driver.ts';
import { copyFile } from './copy-file.ts';
import { codeOf, orAbsent } from './failures.ts';
import { temporaryKey, type Store } from './store.ts';

/** File systems without hard links, or with no more of them for this file. */
const NO_LINK = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * Gives a synced file its second name. What has that name already is replaced: it is the same content, unless it went
 * bad, and then this mends it. Who reads the old file goes on reading it.
 */
export async function place(store: Store, file: number, from: Key, to: Key, sizeBytes: number): Promise<void> {
  const { folders, system } = store;
  const link = (key: Key): Promise<void> =>
    folders.within(dirname(key), () => system.paths.link(folders.path(from), folders.path(key)));
  try {
    await link(to);
  } catch (failure) {
    if (NO_LINK.includes(codeOf(failure))) return copyFile(store, file, sizeBytes, to);
    if (codeOf(failure) !== 'EEXIST') throw failure;
    await replace(store, link, to);
  }
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
