import type { Digest, UploadId } from '../../../pkg/oci/index.ts';
import type { Catalog } from '../../catalog/index.ts';
import type { BackupSource, Storage } from '../../storage/index.ts';
import type { End } from '../dump-format.ts';
import { checkDump, loadDump } from '../load.ts';
import type { OnProblem, OnProgress, Problem } from '../problem.ts';
import type { Refused } from '../restore.ts';
import { readDumpOf, tellingOf } from './backup-dump.ts';
import { BackupError } from './backup-error.ts';
import { copyContent } from './copy-content.ts';
import { dumpRows, namedContent, quarantinedContent } from './dump-rows.ts';
import { findHurtTags, type HurtTag } from './hurt-tags.ts';
import type { Backup } from './marker.ts';
import { renameRegistry } from './registry-name.ts';
import { restoreRecords } from './restore-records.ts';

export interface RestoreDeps {
  readonly source: BackupSource;
  readonly backup: Backup;
  /** What `checkBackup` said of it. */
  readonly end: End;
  /** Empty, or with some of the content: what is there in its size stays, but what was quarantined is replaced. */
  readonly storage: Pick<Storage, 'blobs' | 'uploads' | 'manifests'>;
  /** Holds nothing, or what an interrupted restore of the same backup began. */
  readonly catalog: Catalog;
  /** Compares what was restored with what it should be, and mends what can be. It tells of every problem it finds. */
  readonly verify: (onProblem: OnProblem) => Promise<void>;
  readonly newUploadId: () => UploadId;
  readonly clock: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly onProblem: OnProblem;
  /** Measured in bytes of content. */
  readonly onProgress: OnProgress;
}

export interface Restored {
  readonly kind: 'restored';
  readonly blobs: number;
  readonly bytes: number;
  /** How many of the contents were there already. */
  readonly there: number;
  readonly manifests: number;
  readonly tags: number;
  /** Problems that are told, and that make the registry less than it was. */
  readonly damages: number;
  readonly incomplete: readonly HurtTag[];
}

/** What a verification says of content that is not what it should be. */
const LACKING_KINDS: readonly Problem['kind'][] = ['blob missing', 'blob of wrong size', 'blob quarantined'];
/** There is nobody else to be served. */
const AT_ONCE = 32;

/** Reads the dump of a backup through. Throws a BackupError where it is not what was written. */
export async function checkBackup(source: BackupSource, backup: Backup): Promise<End> {
  return tellingOf(backup, async () => {
    const end = await checkDump(readDumpOf(source.backups, backup));
    const differs = Object.keys({ ...end.rows, ...backup.dump.rows }).some(
      (kind) => end.rows[kind] !== backup.dump.rows[kind],
    );
    if (!differs) return end;
    throw new BackupError('damaged', `backup ${backup.name} is damaged: its dump is not the one that was written`);
  });
}

/**
 * Fills a registry from a backup: first content, each checked against its digest on the way, then the catalog. Until that
 * is done the catalog says that it is unfinished, so that no server serves it; and whoever breaks off goes on by running
 * it again. Content that the backup has lost does not keep the rest away.
 */
export async function restoreBackup(deps: RestoreDeps, signal: AbortSignal): Promise<Refused | Restored> {
  const { source, backup, end, storage, catalog, clock } = deps;
  const lacking = new Map<Digest, string>();
  const counts = { blobs: 0, bytes: 0, there: 0 };
  let damages = 0;
  const tell = (problem: Problem): void => {
    damages += 1;
    deps.onProblem(problem);
  };

  async function bringContent(): Promise<void> {
    const known = new Map(backup.lacking.map(({ digest, reason }) => [digest, reason]));
    const quarantined = end.rows['quarantine']
      ? await quarantinedContent(readDumpOf(source.backups, backup))
      : undefined;
    deps.onProgress.total(backup.content.bytes);
    const copied = await copyContent(
      {
        from: source.blobs,
        to: storage,
        newUploadId: deps.newUploadId,
        has: async ({ digest, sizeBytes }) => (await storage.blobs.stat(digest))?.sizeBytes === sizeBytes,
        isDamaged: (digest) => quarantined?.has(digest) ?? false,
        onLacking: ({ digest, reason }) => {
          const before = known.get(digest);
          const detail = before === undefined ? `in the backup ${reason}` : `when the backup was made ${before}`;
          lacking.set(digest, detail);
          tell({ kind: 'blob missing', digest, detail });
        },
        onDone: (sizeBytes) => deps.onProgress.done(sizeBytes),
        atOnce: AT_ONCE,
      },
      namedContent(readDumpOf(source.backups, backup)),
      signal,
    );
    counts.blobs = copied.blobs;
    counts.bytes = copied.bytes;
    counts.there = copied.blobs - copied.copiedBlobs - lacking.size;
  }

  async function look(): Promise<void> {
    await renameRegistry(catalog, deps.random);
    await restoreRecords(catalog, storage.manifests, dumpRows(readDumpOf(source.backups, backup)));
    await deps.verify((problem) => {
      const { kind, digest } = problem;
      const isLacking = digest !== undefined && LACKING_KINDS.includes(kind);
      if (problem.mended || (isLacking && lacking.has(digest as Digest))) return;
      if (isLacking) lacking.set(digest as Digest, kind);
      if (problem.kind === 'manifest unreadable') lacking.set(problem.name as Digest, problem.kind);
      // A record of a name that this backup never had lay in the storage before: no less of the registry for that.
      if (problem.kind === 'record unknown') deps.onProblem(problem);
      else tell(problem);
    });
  }

  const loaded = await tellingOf(backup, () =>
    loadDump({
      catalog,
      end,
      bytes: readDumpOf(source.backups, backup),
      clock,
      onProgress: { total: () => undefined, done: () => undefined },
      command: 'restore',
      before: bringContent,
      after: look,
    }),
  );
  if (loaded.kind !== 'loaded') return loaded;
  const incomplete = await findHurtTags(() => dumpRows(readDumpOf(source.backups, backup)), new Set(lacking.keys()));
  const rowsOf = (kind: string): number => end.rows[kind] ?? 0;
  return { kind: 'restored', ...counts, manifests: rowsOf('manifest'), tags: rowsOf('tag'), damages, incomplete };
}
