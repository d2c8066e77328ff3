import { dirname } from 'node:path';
import type { Key } from '../driver.ts';
import { withTemporary, writeAll, type Store } from './store.ts';

/** Keeps the bytes under the key, whole or not at all, in place of what was there; on stable storage when it resolves. */
export async function put(store: Store, key: Key, bytes: Uint8Array): Promise<void> {
  const { folders, system } = store;
  const folder = dirname(key);
  await withTemporary(
    store,
    async (file) => {
      await writeAll(store, file, bytes, 0);
      void folders.make(folder); // while the file is synced: then the file system's journal has both to write at once
    },
    (temporary) => folders.within(folder, () => system.paths.rename(folders.path(temporary), folders.path(key))),
  );
  await folders.sync(folder);
}
