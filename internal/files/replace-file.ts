import type { BigIntStats } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Replacement {
  /** Where it is written at first: a name that is nobody else's, in the same folder. */
  readonly aside: string;
  readonly mode: number;
  readonly write: (file: FileHandle) => Promise<unknown>;
}

/**
 * Writes a file whole, in place of one that is there, on stable storage. Where that fails, or a crash comes in between,
 * what was there is as it was. Answers with the file as it was put there.
 */
export async function replaceFile(path: string, { aside, mode, write }: Replacement): Promise<BigIntStats> {
  try {
    const written = await writeAside(aside, mode, write);
    await rename(aside, path);
    await syncFolder(dirname(path));
    return written;
  } catch (failure) {
    await rm(aside, { force: true }).catch(() => undefined); // where that fails, the write has failed of the same
    throw failure;
  }
}

async function writeAside(path: string, mode: number, write: Replacement['write']): Promise<BigIntStats> {
  const file = await open(path, 'wx', mode);
  try {
    await write(file);
    await file.sync();
    return await file.stat({ bigint: true });
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
