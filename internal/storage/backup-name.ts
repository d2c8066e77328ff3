declare const brand: unique symbol;
/** A backup's name: when it was begun, in UTC, so that names sort by time (`2026-11-21T18-00-48Z`). */
export type BackupName = string & { readonly [brand]: 'BackupName' };

/**
 * What there is of a backup, as its name ends: a sign that it was begun, which goes when it is over; the dump; and the
 * description, which makes it a backup and is written last.
 */
export const BACKUP_FILES = ['begun', 'dump', 'json'] as const;
export type BackupFile = (typeof BACKUP_FILES)[number];

const NAME = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/;

export function findBackupName(text: string): BackupName | undefined {
  return NAME.test(text) ? (text as BackupName) : undefined;
}

/** The name of a backup that is begun at a time, to the second. */
export function backupNameAt(ms: number): BackupName {
  const name = findBackupName(`${new Date(ms).toISOString().slice(0, 19).replaceAll(':', '-')}Z`);
  if (!name) throw new RangeError(`${ms} is no time that a backup can be named after`);
  return name;
}
