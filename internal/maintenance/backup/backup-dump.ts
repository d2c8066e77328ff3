import { createHash } from 'node:crypto';
import type { BackupFileReader, Content } from '../../storage/index.ts';
import { DumpError } from '../dump-format.ts';
import { BackupError } from './backup-error.ts';
import type { Backup } from './marker.ts';

/** The dump of a backup from its beginning, opened when it is read and closed when that is over. */
export async function* readDumpOf(
  files: BackupFileReader,
  backup: Backup,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const content = await openDump(files, backup);
  try {
    for await (const chunk of content.read()) {
      signal?.throwIfAborted();
      yield chunk;
    }
  } finally {
    await content.close();
  }
}

/** Throws a BackupError where the dump is not the one that was written. */
export async function checkDumpOf(files: BackupFileReader, backup: Backup, signal: AbortSignal): Promise<void> {
  const hash = createHash('sha256');
  for await (const chunk of readDumpOf(files, backup, signal)) hash.update(chunk);
  if (hash.digest('hex') !== backup.dump.sha256) throw damaged(backup, 'its dump was changed');
}

async function openDump(files: BackupFileReader, backup: Backup): Promise<Content> {
  const content = await files.open(backup.name, 'dump');
  if (!content) throw damaged(backup, 'its dump is missing');
  if (content.sizeBytes === backup.dump.sizeBytes) return content;
  await content.close();
  throw damaged(backup, `its dump has ${content.sizeBytes} bytes, not ${backup.dump.sizeBytes}`);
}

function damaged({ name }: Backup, what: string, cause?: unknown): BackupError {
  return new BackupError('damaged', `backup ${name} is damaged: ${what}`, cause);
}

/** Says of which backup a dump is that cannot be used. */
export async function tellingOf<Result>({ name }: Backup, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (failure) {
    if (!(failure instanceof DumpError)) throw failure;
    const kind = failure.failure === 'newer' ? 'newer' : 'damaged';
    throw new BackupError(kind, `backup ${name} cannot be restored: of its dump, ${failure.message}`, failure);
  }
}
