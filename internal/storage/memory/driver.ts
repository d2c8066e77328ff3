import { contentOf } from '../content.ts';
import type { Driver, Entry, Growing, Key } from '../driver.ts';
import { StorageError, type Content } from '../types.ts';

interface Item {
  readonly bytes: Uint8Array;
  readonly modifiedMs: number;
}

/** Storage in memory, for tests: the same promises, but all is gone with the process. */
export function openMemory({ clock }: { readonly clock: () => number }): Driver {
  const items = new Map<Key, Item>();
  const keep = (key: Key, bytes: Uint8Array): void => void items.set(key, { bytes, modifiedMs: clock() });

  function entry(key: Key): Entry | undefined {
    const item = items.get(key);
    return item && { key, sizeBytes: item.bytes.length, modifiedMs: item.modifiedMs };
  }

  function first(key: Key, sizeBytes: number): Uint8Array {
    const bytes = items.get(key)?.bytes;
    if (!bytes || bytes.length < sizeBytes) {
      throw new StorageError('broken', `${key} is gone or shorter than it was`, undefined, true);
    }
    return bytes.subarray(0, sizeBytes);
  }

  function open(key: Key, sizeBytes?: number): Content | undefined {
    const item = items.get(key);
    return item && contentOf(sizeBytes === undefined ? item.bytes : first(key, sizeBytes));
  }

  async function* list(prefix: Key): AsyncGenerator<Entry> {
    for (const key of [...items.keys()]) {
      const found = key.startsWith(`${prefix}/`) ? entry(key) : undefined;
      if (found) yield found;
    }
  }

  async function grow(key: Key, offsetBytes: number): Promise<Growing> {
    let space = offsetBytes === 0 ? new Uint8Array(0) : new Uint8Array(first(key, offsetBytes));
    let length = space.length;
    keep(key, space);
    return {
      async write(chunk) {
        first(key, 0); // fails where it was given up meanwhile
        if (length + chunk.length > space.length) {
          const larger = new Uint8Array(2 * (length + chunk.length));
          larger.set(space.subarray(0, length));
          space = larger;
        }
        space.set(chunk, length);
        length += chunk.length;
        keep(key, space.subarray(0, length));
      },
      finish: async () => undefined,
    };
  }

  return {
    name: 'memory',
    objects: {
      stat: async (key) => entry(key),
      open: async (key) => open(key),
      put: async (key, bytes) => keep(key, new Uint8Array(bytes)),
      remove: async (key) => void items.delete(key),
      list,
    },
    staging: {
      grow,
      open: async (key, sizeBytes) => open(key, sizeBytes),
      async publish(from, to, sizeBytes) {
        keep(to, new Uint8Array(first(from, sizeBytes)));
      },
      discard: async (key) => void items.delete(key),
    },
    check: () => Promise.resolve(),
    close: async () => items.clear(),
  };
}
