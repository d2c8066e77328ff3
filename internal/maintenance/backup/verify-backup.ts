import type { Digest } from '../../../pkg/oci/index.ts';
import { StorageError, type BackupSource } from '../../storage/index.ts';
import { findDamage } from '../damage.ts';
import { forEach } from '../for-each.ts';
import type { OnProgress } from '../problem.ts';
import { readDumpOf } from './backup-dump.ts';
import type { NamedContent } from './copy-content.ts';
import { dumpRows, namedContent } from './dump-rows.ts';
import { findHurtTags, type HurtTag } from './hurt-tags.ts';
import type { Backup, Lacking } from './marker.ts';

export interface VerifyBackupDeps {
  readonly source: BackupSource;
  /** One whose dump was checked. */
  readonly backup: Backup;
  readonly onLacking: (lacking: Lacking) => void;
  /** Measured in bytes of content. */
  readonly onProgress: OnProgress;
}

export interface VerifiedBackup {
  readonly blobs: number;
  readonly bytes: number;
  /** Contents that it names and has not, or not as they should be. */
  readonly lacking: number;
  readonly incomplete: readonly HurtTag[];
}

/** Contents that are read at a time: more would only make a disk jump. */
const AT_ONCE = 4;

/** Reads all content that a backup names, and compares it with its digest. Nothing is written anywhere. */
export async function verifyBackup(deps: VerifyBackupDeps): Promise<VerifiedBackup> {
  const { source, backup, onLacking, onProgress } = deps;
  const lacking = new Set<Digest>();
  const counts = { blobs: 0, bytes: 0 };
  onProgress.total(backup.content.bytes);
  await forEach(namedContent(readDumpOf(source.backups, backup)), AT_ONCE, async (content) => {
    const reason = await findReason(source, content, (bytes) => onProgress.done(bytes));
    counts.blobs += 1;
    counts.bytes += content.sizeBytes;
    if (reason === undefined) return;
    lacking.add(content.digest);
    onLacking({ digest: content.digest, reason });
  });
  const incomplete = await findHurtTags(() => dumpRows(readDumpOf(source.backups, backup)), lacking);
  return { ...counts, lacking: lacking.size, incomplete };
}

async function findReason(
  { blobs }: BackupSource,
  content: NamedContent,
  onRead: (bytes: number) => void,
): Promise<string | undefined> {
  try {
    const damage = await findDamage(blobs, content, onRead);
    return damage && (damage.detail ?? damage.problem);
  } catch (failure) {
    if (!(failure instanceof StorageError) || failure.failure !== 'broken') throw failure;
    return 'it cannot be read';
  }
}
