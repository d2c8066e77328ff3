import { dirname } from 'node:path';
import type { Key } from '../driver.ts';
import { replaceFile, writeAll, type Store } from './store.ts';

/** Keeps the bytes under the key, whole or not at all, in place of what was there; on stable storage when it resolves. */
export async function put(store: Store, key: Key, bytes: Uint8Array): Promise<void> {
  await replaceFile(store, key, (file) => writeAll(store, file, bytes, 0));
  await store.folders.sync(dirname(key));
}
