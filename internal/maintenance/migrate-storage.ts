import { isDeepStrictEqual } from 'node:util';
import { SMALL_BYTES, type RecordName, type Storage, type StorageReader, type StoredBlob } from '../storage/index.ts';
import { copyBlob, type CopyTarget } from './copy-blob.ts';
import { forEach } from './for-each.ts';
import { createGate } from './gate.ts';
import type { OnProblem, OnProgress } from './problem.ts';
import { readRecord } from './read-record.ts';

export interface MigrateDeps extends CopyTarget {
  readonly from: Pick<StorageReader, 'blobs' | 'manifests'>;
  /** Where everything goes. */
  readonly storage: Pick<Storage, 'blobs' | 'manifests' | 'uploads'>;
  readonly onProblem: OnProblem;
  /** Measured in bytes of content. */
  readonly onProgress: OnProgress;
}

export interface Migrated {
  readonly blobs: number;
  readonly bytes: number;
  readonly records: number;
  /** Blobs and records that were there already. */
  readonly there: number;
  /** What was not copied, since it is not what it should be. */
  readonly skipped: number;
  /** Records there of names that are gone here, such as a tag that was deleted since an earlier run. */
  readonly stale: number;
}

/** So many at a time: each waits for a disk or a bucket, far longer than it keeps it busy. */
const AT_ONCE = 32;
/** Of large contents fewer: those keep it busy. */
const LARGE_AT_ONCE = 4;

/**
 * Copies content, its digest checked on the way, and then the records that name it. What is there already stays, content
 * of another size apart: so it can be broken off and run again, and again after the last write to where it comes from.
 */
export async function migrateStorage(deps: MigrateDeps): Promise<Migrated> {
  const counts = { blobs: 0, bytes: 0, records: 0, there: 0, skipped: 0, stale: 0 };
  const large = createGate(LARGE_AT_ONCE);
  await announce(deps);
  await forEach(deps.from.blobs.walk(), AT_ONCE, async (blob) => {
    const done = blob.sizeBytes > SMALL_BYTES ? await large(() => moveBlob(deps, blob)) : await moveBlob(deps, blob);
    if (done === 'copied') {
      counts.blobs += 1;
      counts.bytes += blob.sizeBytes;
    } else counts[done] += 1;
    deps.onProgress.done(blob.sizeBytes);
  });
  await forEach(deps.from.manifests.names(), AT_ONCE, async (name) => {
    counts[await moveRecord(deps, name)] += 1;
  });
  await forEach(deps.storage.manifests.names(), AT_ONCE, async (name) => {
    if ((await readRecord(deps.from.manifests, name)).kind === 'absent') counts.stale += 1;
  });
  return counts;
}

async function announce({ from, onProgress }: MigrateDeps): Promise<void> {
  let bytes = 0;
  for await (const { sizeBytes } of from.blobs.walk()) bytes += sizeBytes;
  onProgress.total(bytes);
}

async function moveBlob(deps: MigrateDeps, { digest, sizeBytes }: StoredBlob): Promise<'copied' | 'there' | 'skipped'> {
  if ((await deps.storage.blobs.stat(digest))?.sizeBytes === sizeBytes) return 'there';
  const content = await deps.from.blobs.open(digest);
  if (!content) return 'there'; // removed since it was listed: there is nothing to bring
  if (await copyBlob(content, digest, deps)) return 'copied';
  deps.onProblem({ kind: 'blob of wrong content', digest, detail: 'it was not copied' });
  return 'skipped';
}

async function moveRecord(deps: MigrateDeps, name: RecordName): Promise<'records' | 'there' | 'skipped'> {
  const found = await readRecord(deps.from.manifests, name);
  if (found.kind === 'unreadable') {
    deps.onProblem({ kind: 'record unreadable', ...name, detail: `it was not copied: ${found.reason}` });
    return 'skipped';
  }
  if (found.kind === 'absent') return 'there'; // removed since it was listed
  const known = await readRecord(deps.storage.manifests, name);
  if (known.kind === 'record' && isDeepStrictEqual(known.record, found.record)) return 'there';
  await deps.storage.manifests.put(found.record);
  return 'records';
}
