import { open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CliError, type Io } from '../../internal/cli/index.ts';

/** Only who runs this may read what a command writes: it tells who did what. */
const MODE = 0o600;

/** Writes a file whole or not at all, on stable storage, in place of one that is there. */
export async function writeWhole(name: string, { cwd }: Io, text: AsyncIterable<string>): Promise<void> {
  const path = resolve(cwd, name);
  const aside = `${path}.${process.pid}.partial`;
  try {
    const file = await open(aside, 'wx', MODE);
    try {
      for await (const piece of text) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(aside, { force: true });
    if (!isSystemError(cause)) throw cause;
    throw new CliError(`${name} cannot be written: ${cause.code}`, { cause });
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

/** A failure that the operating system gave a name, such as ENOSPC. */
function isSystemError(failure: unknown): failure is NodeJS.ErrnoException & { readonly code: string } {
  return failure instanceof Error && 'syscall' in failure && 'code' in failure && typeof failure.code === 'string';
}
