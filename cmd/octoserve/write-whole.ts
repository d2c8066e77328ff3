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
    const code = codeOf(cause);
    throw code === undefined ? cause : new CliError(`${name} cannot be written: ${code}`, { cause });
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

/** The name that the operating system gave a failure, such as ENOSPC; undefined for what is none of its own. */
function codeOf(failure: unknown): string | undefined {
  if (typeof failure !== 'object' || failure === null || !('syscall' in failure && 'code' in failure)) return undefined;
  return typeof failure.code === 'string' ? failure.code : undefined;
}
