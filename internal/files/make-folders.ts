import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes the folder, and those above it that are not there. A path that a person gave is not handed to the recursive
 * `mkdir`, which never ends where a folder that is there answers ENOENT, as /proc does.
 */
export async function makeFolders(path: string, mode?: number): Promise<void> {
  try {
    await makeFolder(path, mode);
  } catch (failure) {
    const above = dirname(path);
    if ((failure as NodeJS.ErrnoException).code !== 'ENOENT' || above === path) throw failure;
    await makeFolders(above, mode);
    await makeFolder(path, mode);
  }
}

async function makeFolder(path: string, mode?: number): Promise<void> {
  try {
    await mkdir(path, mode);
  } catch (failure) {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isDirectory()) throw failure; // else it was there, or another process was faster
  }
}
