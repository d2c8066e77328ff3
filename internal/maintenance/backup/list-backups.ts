import type { BackupFileReader, BackupName } from '../../storage/index.ts';
import { BackupError } from './backup-error.ts';
import { parseMarker, type Backup } from './marker.ts';

/** What there is in a target. */
export interface BackupList {
  /** Those that are finished and can be read, oldest first. */
  readonly backups: readonly Backup[];
  /** Those that are finished and cannot be read, with the reason. */
  readonly unreadable: readonly { readonly name: BackupName; readonly reason: string }[];
  /** Those that were begun: they are being made, or broke off. */
  readonly unfinished: readonly BackupName[];
}

export async function listBackups(files: BackupFileReader): Promise<BackupList> {
  const names = new Set<BackupName>();
  const finished = new Set<BackupName>();
  for await (const { name, file } of files.list()) {
    names.add(name);
    if (file === 'json') finished.add(name);
  }
  const backups: Backup[] = [];
  const unreadable: { name: BackupName; reason: string }[] = [];
  const unfinished: BackupName[] = [];
  for (const name of [...names].toSorted()) {
    // One that goes meanwhile, as by pruning, is as one that was never there.
    const bytes = finished.has(name) ? await files.read(name, 'json') : undefined;
    if (!bytes) {
      if (!finished.has(name)) unfinished.push(name);
      continue;
    }
    try {
      backups.push(parseMarker(bytes, name));
    } catch (failure) {
      if (!(failure instanceof BackupError)) throw failure;
      unreadable.push({ name, reason: failure.message });
    }
  }
  return { backups, unreadable, unfinished };
}

/**
 * The backup to restore: the last one, or the last whose name begins as is asked for. Throws a BackupError where there
 * is none, or where that one cannot be read: an older one in its place would be a surprise.
 */
export function chooseBackup({ backups, unreadable, unfinished }: BackupList, asked: string | undefined): Backup {
  const isMeant = ({ name }: { readonly name: BackupName }): boolean => asked === undefined || name.startsWith(asked);
  const found = backups.findLast(isMeant);
  const broken = unreadable.findLast(isMeant);
  if (broken && (!found || broken.name > found.name)) throw new BackupError('damaged', broken.reason);
  if (found) return found;
  if (asked !== undefined && unfinished.some((name) => name.startsWith(asked))) {
    throw new BackupError('absent', `backup ${asked} was begun and never finished`);
  }
  const which = asked === undefined ? 'no backup' : `no backup whose name begins with ${asked}`;
  throw new BackupError('absent', `there is ${which}`);
}
