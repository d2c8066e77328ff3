import { dirname } from 'node:path';
import type { Entry, Key, Objects } from '../driver.ts';
import { childKey } from '../layout.ts';
import { removeEach } from '../remove-each.ts';
import { StorageError, type Content } from '../types.ts';
import { attempt, orAbsent, storageError } from './failures.ts';
import { FileContent } from './file-content.ts';
import { put as putFile } from './put.ts';
import { openExisting, READ, type Store } from './store.ts';

type Put = Objects['put'];

const REMOVED_AT_ONCE = 4;

/** Whole files, each put in its place by rename. `put`: how that is done, if not by this thread. */
export function createObjects(store: Store, put: Put = (key, bytes) => putFile(store, key, bytes)): Objects {
  const { folders, system, buffers } = store;

  async function find(key: Key): Promise<Entry | undefined> {
    if (!(await folders.has(dirname(key)))) return undefined;
    const found = await orAbsent(system.paths.stat(folders.path(key)));
    if (!found) return undefined;
    if (found.kind !== 'file') throw new StorageError('broken', `${key} in the data folder is not a file`);
    return { key, sizeBytes: found.sizeBytes, modifiedMs: found.modifiedMs };
  }

  async function open(key: Key): Promise<Content | undefined> {
    const opened = await openExisting(store, key, READ);
    return opened && new FileContent(opened.file, opened.sizeBytes, system.files, buffers);
  }

  async function unlink(key: Key): Promise<boolean> {
    if (!(await folders.has(dirname(key)))) return false;
    await orAbsent(system.paths.unlink(folders.path(key)));
    return true;
  }

  async function remove(key: Key): Promise<void> {
    if (!(await unlink(key))) return;
    // A record that came back after a power cut would be taken for true.
    await orAbsent(folders.sync(dirname(key)));
  }

  async function* keysOf(folder: Key): AsyncGenerator<Pick<Entry, 'key'>> {
    if (!(await folders.has(folder))) return;
    for await (const { name, kind } of system.paths.list(folders.path(folder))) {
      const key = childKey(folder, name);
      if (kind === 'folder') yield* keysOf(key);
      if (kind === 'file') yield { key }; // links and the like are none of ours
    }
  }

  async function* entriesOf(folder: Key): AsyncGenerator<Entry> {
    for await (const { key } of keysOf(folder)) {
      const entry = await find(key);
      if (entry) yield entry; // else it went since the folder was read
    }
  }

  async function* listing<Item>(prefix: Key, items: AsyncIterable<Item>): AsyncGenerator<Item> {
    try {
      yield* items;
    } catch (failure) {
      throw storageError(`list ${prefix}`, failure);
    }
  }

  return {
    stat: (key) => attempt(`look at ${key}`, () => find(key)),
    open: (key) => attempt(`open ${key}`, () => open(key)),
    put: (key, bytes) => attempt(`put ${key}`, () => put(key, bytes)),
    remove: (key) => attempt(`remove ${key}`, () => remove(key)),
    removeAll: (keys, leftMs) =>
      removeEach(keys, REMOVED_AT_ONCE, leftMs, (key) => attempt(`remove ${key}`, () => unlink(key))),
    list: (prefix) => listing(prefix, entriesOf(prefix)),
    keys: (prefix) => listing(prefix, keysOf(prefix)),
  };
}
