import type { Key } from '../driver.ts';
import { StorageError } from '../types.ts';
import { replaceFile, writeAll, type Store } from './store.ts';

const COPIED_BYTES = 1024 * 1024;

/** Puts a copy of an open file's first `sizeBytes` bytes under a key, in place of what was there. */
export async function copyFile(store: Store, file: number, sizeBytes: number, to: Key): Promise<void> {
  await replaceFile(store, to, async (copy) => {
    const buffer = Buffer.allocUnsafeSlow(Math.min(sizeBytes, COPIED_BYTES));
    for (let position = 0; position < sizeBytes;) {
      const wanted = buffer.subarray(0, Math.min(buffer.length, sizeBytes - position));
      const count = await store.system.files.read(file, wanted, position);
      if (count === 0) throw new StorageError('broken', 'the file is shorter than it was');
      await writeAll(store, copy, wanted.subarray(0, count), position);
      position += count;
    }
  });
}
