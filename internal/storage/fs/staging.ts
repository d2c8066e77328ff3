import { dirname } from 'node:path';
import { allEnded } from '../all-ended.ts';
import type { Growing, Key, Staging } from '../driver.ts';
import { UPLOADS } from '../layout.ts';
import { StorageError, type Content } from '../types.ts';
import { attempt, codeOf, orAbsent, storageError } from './failures.ts';
import { FileContent } from './file-content.ts';
import { copyFile } from './copy-file.ts';
import { place } from './place.ts';
import { closing, createFile, GROW, openExisting, READ, writeAll, type OpenFile, type Store } from './store.ts';

const lost = (what: string): StorageError => new StorageError('broken', what, undefined, true);

/** Files that grow under `uploads/`, and get their place by a link. */
export function createStaging(store: Store): Staging {
  const { folders, system, buffers } = store;
  const { files, paths } = system;

  /** Whatever a failed sync covered is not to be trusted any more, even if the next one succeeds: it goes. */
  async function syncFile(key: Key, file: number): Promise<void> {
    if (!store.durable) return;
    try {
      await files.sync(file, 'data');
    } catch (failure) {
      await paths.unlink(folders.path(key)).catch(() => undefined); // the first failure is the one to tell
      throw storageError(`sync ${key}`, failure, true);
    }
  }

  async function openToGrow(key: Key, offsetBytes: number): Promise<OpenFile> {
    if (offsetBytes === 0) {
      const file = await createFile(store, key).catch((failure: unknown) => {
        if (codeOf(failure) !== 'EEXIST') throw failure;
      });
      if (file !== undefined) return { file, sizeBytes: 0, links: 1 };
    }
    const found = await openExisting(store, key, GROW);
    if (!found) throw lost(`${key} is gone`);
    if (found.links === 1) return found;
    // It was published: what is written to it now must not reach what is served.
    await closing(store, found.file, () => copyFile(store, found.file, offsetBytes, key));
    const own = await openExisting(store, key, GROW);
    if (!own) throw lost(`${key} is gone`);
    return own;
  }

  async function grow(key: Key, offsetBytes: number): Promise<Growing> {
    const { file, sizeBytes } = await openToGrow(key, offsetBytes);
    try {
      if (sizeBytes < offsetBytes) throw lost(`${key} is shorter than it was`);
      if (sizeBytes > offsetBytes) await files.truncate(file, offsetBytes);
    } catch (failure) {
      await files.close(file).catch(() => undefined); // the first failure is the one to tell
      throw failure;
    }
    let position = offsetBytes;
    return {
      write: (chunk) =>
        attempt(`write to ${key}`, async () => {
          await writeAll(store, file, chunk, position);
          position += chunk.length;
        }),
      finish: ({ sync }) =>
        attempt(`finish ${key}`, async () => {
          await closing(store, file, async () => (sync ? syncFile(key, file) : undefined));
          if (sync) await folders.sync(dirname(key));
          return undefined;
        }),
    };
  }

  async function open(key: Key, sizeBytes: number): Promise<Content | undefined> {
    const opened = await openExisting(store, key, READ);
    if (!opened) return undefined;
    const content = new FileContent(opened.file, sizeBytes, files, buffers);
    if (opened.sizeBytes >= sizeBytes) return content;
    await content.close();
    throw lost(`${key} is shorter than it was`);
  }

  async function publish(from: Key, to: Key, sizeBytes: number): Promise<void> {
    const source = await openExisting(store, from, GROW);
    if (!source) throw lost(`${from} is gone`);
    await closing(store, source.file, async () => {
      const surplus = source.sizeBytes - sizeBytes;
      if (surplus < 0 || (surplus > 0 && source.links > 1)) {
        throw lost(`${from} is not as long as it was`);
      }
      if (surplus > 0) await files.truncate(source.file, sizeBytes);
      await allEnded([syncFile(from, source.file), folders.make(dirname(to))]); // at once, as in replaceFile
      await place(store, source.file, from, to, sizeBytes);
    });
    await folders.sync(dirname(to));
  }

  /** A copy takes the name: whoever has the file open still writes to the old one, which has none any more. */
  async function detach(key: Key, sizeBytes: number): Promise<void> {
    const found = await openExisting(store, key, READ);
    if (!found) throw lost(`${key} is gone`);
    await closing(store, found.file, () => copyFile(store, found.file, sizeBytes, key));
  }

  async function discard(key: Key): Promise<void> {
    if (await folders.has(UPLOADS)) await orAbsent(paths.unlink(folders.path(key)));
  }

  return {
    grow: (key, offsetBytes) => attempt(`grow ${key}`, () => grow(key, offsetBytes)),
    open: (key, sizeBytes) => attempt(`open ${key}`, () => open(key, sizeBytes)),
    publish: (from, to, sizeBytes) => attempt(`publish ${to}`, () => publish(from, to, sizeBytes)),
    detach: (key, sizeBytes) => attempt(`detach ${key}`, () => detach(key, sizeBytes)),
    discard: (key) => attempt(`discard ${key}`, () => discard(key)),
  };
}
