import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Objects } from '../driver.ts';
import { attempt, orAbsent } from './failures.ts';
import { FILE_SYSTEM } from './file-system.ts';
import { Folders } from './folders.ts';
import { createObjects } from './objects.ts';
import { ReadBuffers } from './read-buffers.ts';

export type ReadObjects = Pick<Objects, 'stat' | 'open' | 'list' | 'keys'>;

/** A folder for reading only: nothing is made in it, and it may be one that cannot be written to. Undefined where none is. */
export async function readFolder(path: string): Promise<ReadObjects | undefined> {
  const root = await attempt(`open ${path}`, () => orAbsent(realpath(resolve(path))));
  if (root === undefined) return undefined;
  const unused = (): never => {
    throw new Error('nothing is written to a folder that is only read');
  };
  const store = { system: FILE_SYSTEM, buffers: new ReadBuffers(), durable: false, uuid: unused };
  return createObjects({ ...store, folders: new Folders(root, FILE_SYSTEM, false) });
}
