import type { Digest } from '../../../pkg/oci/index.ts';
import type { BackupName, BackupTarget } from '../../storage/index.ts';
import { checkDumpOf, readDumpOf } from './backup-dump.ts';
import { BackupError } from './backup-error.ts';
import { namedContent } from './dump-rows.ts';
import { listBackups } from './list-backups.ts';
import type { Backup } from './marker.ts';
import { TargetContent } from './target-content.ts';

export interface PruneDeps {
  readonly target: BackupTarget;
  /** How many backups to keep; 0: all. */
  readonly keep: number;
}

/** What went. */
export interface Pruned {
  readonly backups: readonly BackupName[];
  readonly blobs: number;
  readonly bytes: number;
  /** Why it ended before all was pruned; the next pruning goes on. */
  readonly failure: string | undefined;
}

/**
 * Which of the backups go, oldest first given: all but the last ones, and but the last that lacks nothing, since a
 * backup that lacks something is no reason to lose one that does not.
 */
export function planPrune(backups: readonly Backup[], keep: number): readonly Backup[] {
  if (keep === 0) return [];
  const kept = new Set(backups.slice(-keep));
  const whole = backups.findLast(({ lacking }) => lacking.length === 0);
  return backups.filter((backup) => !kept.has(backup) && backup !== whole);
}

/**
 * Removes backups beyond those to keep, and then the content that none of the kept ones names. Nothing is removed of
 * content as long as a dump that is kept cannot be read as it was written, nor beside a backup of a later version.
 * Never throws: the backup that it comes after is good whatever becomes of others.
 */
export async function pruneBackups(deps: PruneDeps, signal: AbortSignal): Promise<Pruned> {
  const { target, keep } = deps;
  const pruned = { backups: [] as BackupName[], blobs: 0, bytes: 0 };
  try {
    const { backups, unreadable } = await listBackups(target.backups);
    const doomed = planPrune(backups, keep);
    for (const { name } of doomed) {
      signal.throwIfAborted();
      await target.backups.remove(name, 'json'); // first: without it this is no backup any more
      await target.backups.remove(name, 'dump');
      pruned.backups.push(name);
    }
    if (doomed.length === 0) return { ...pruned, failure: undefined };
    const [broken] = unreadable;
    if (broken) throw new BackupError('damaged', broken.reason);
    const kept = backups.filter((backup) => !doomed.includes(backup));
    for (const backup of kept) await checkDumpOf(target.backups, backup, signal);
    await removeUnnamed(deps, kept, pruned, signal);
    return { ...pruned, failure: undefined };
  } catch (failure) {
    return { ...pruned, failure: failure instanceof Error ? failure.message : 'it failed' };
  }
}

/** Removes content that none of the dumps names. */
async function removeUnnamed(
  { target }: PruneDeps,
  kept: readonly Backup[],
  counts: { blobs: number; bytes: number },
  signal: AbortSignal,
): Promise<void> {
  const named = kept.map((backup) => new NamedDigests(readDumpOf(target.backups, backup, signal)));
  try {
    for await (const { shelf, holds } of new TargetContent(target).shelves()) {
      signal.throwIfAborted();
      const needed = new Set<Digest>();
      for (const digests of named) await digests.take(holds, (digest) => needed.add(digest));
      const unnamed = [...shelf.keys()].filter((digest) => !needed.has(digest));
      for (let at = 0; at < unnamed.length; at += REMOVED_AT_ONCE) {
        signal.throwIfAborted();
        const some = unnamed.slice(at, at + REMOVED_AT_ONCE);
        const remaining = await target.blobs.removeAll(some, () => Infinity);
        const left = new Set(remaining.map(({ digest }) => digest)); // the next pruning sees to those
        for (const digest of some.filter((each) => !left.has(each))) {
          counts.blobs += 1;
          counts.bytes += shelf.get(digest) ?? 0;
        }
      }
    }
  } finally {
    for (const digests of named) await digests.close();
  }
}

const REMOVED_AT_ONCE = 1000;

/** The digests that a dump names, taken a shelf at a time in their order. */
class NamedDigests {
  readonly #rows: AsyncGenerator<{ readonly digest: Digest }>;
  #next: Promise<IteratorResult<{ readonly digest: Digest }>> | undefined;
  #last = '';

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#rows = namedContent(bytes);
  }

  async take(holds: (digest: Digest) => boolean, onDigest: (digest: Digest) => void): Promise<void> {
    for (;;) {
      const { done, value } = await (this.#next ??= this.#rows.next());
      if (done || !holds(value.digest)) return;
      // One that came too late would be taken for unnamed, with all after it.
      if (value.digest <= this.#last) throw new BackupError('damaged', 'a dump does not name content in its order');
      onDigest(value.digest);
      this.#last = value.digest;
      this.#next = undefined;
    }
  }

  async close(): Promise<void> {
    await this.#rows.return(undefined);
  }
}
