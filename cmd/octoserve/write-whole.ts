import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Io } from '../../internal/cli/index.ts';
import { replaceFile } from '../../internal/files/index.ts';
import { namingFailures, systemCodeOf } from './system-failure.ts';

/** Only who runs this may read what a command writes: it tells who did what. */
const MODE = 0o600;

/** The part of a process that ends it on a signal. */
export interface Host {
  readonly pid: number;
  once(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  kill(pid: number, signal: NodeJS.Signals): unknown;
}

/**
 * Writes a file whole or not at all, on stable storage, in place of one that is there; also when it is interrupted.
 * What is there and is no file, such as a pipe, is only written to.
 */
export async function writeWhole(
  name: string,
  { cwd }: Io,
  text: AsyncIterable<string>,
  host: Host = process,
): Promise<void> {
  const path = resolve(cwd, name);
  await namingFailures(`${name} cannot be written`, async () => {
    const found = await findTarget(path);
    if (found.isFile) await replace(found.path, text, host);
    else await writeTo(found.path, text);
  });
}

/** What the path leads to; over links, where that is a file. Where nothing is there yet it is to be a file. */
async function findTarget(path: string): Promise<{ readonly path: string; readonly isFile: boolean }> {
  try {
    const isFile = (await stat(path)).isFile();
    return { path: isFile ? await realpath(path) : path, isFile }; // a pipe has no path of its own: /dev/stdout
  } catch (failure) {
    if (systemCodeOf(failure) === 'ENOENT') return { path, isFile: true };
    throw failure;
  }
}

async function replace(path: string, text: AsyncIterable<string>, host: Host): Promise<void> {
  const aside = `${path}.${randomUUID()}.partial`;
  const onSignal = (signal: NodeJS.Signals): void => {
    rmSync(aside, { force: true });
    host.kill(host.pid, signal); // which ends it now that nobody listens any more
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) host.once(signal, onSignal);
  try {
    await replaceFile(path, { aside, mode: MODE, write: (file) => writePieces(file, text) });
  } finally {
    for (const signal of signals) host.off(signal, onSignal);
  }
}

async function writeTo(path: string, text: AsyncIterable<string>): Promise<void> {
  const file = await open(path, 'w', MODE);
  try {
    await writePieces(file, text);
  } finally {
    await file.close();
  }
}

async function writePieces(file: FileHandle, text: AsyncIterable<string>): Promise<void> {
  for await (const piece of text) await file.writeFile(piece);
}
