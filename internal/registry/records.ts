import { findDigest, findTag, type RepositoryName } from '../../pkg/oci/index.ts';
import type { Catalog, ChangeRow } from '../catalog/index.ts';
import type { ManifestStore } from '../storage/index.ts';

/** The name of the cursor by which the records in storage follow the log of changes. */
export const RECORDS_CURSOR = 'records';
const BATCH = 500;
const WRITERS = 8;

interface Deps {
  readonly catalog: Catalog;
  readonly manifests: ManifestStore;
}

/** The last change of each name that has a record: those of blobs have none. */
function latestByName(changes: readonly ChangeRow[]): readonly ChangeRow[] {
  const named = changes.filter(({ action }) => !action.startsWith('blob.'));
  return [...new Map(named.map((change) => [`${change.repository}:${change.name}`, change])).values()];
}

/** Writes the record of one name from the catalog's present state, not from the change: so replicas cannot disagree. */
async function writeRecord({ catalog, manifests }: Deps, change: ChangeRow): Promise<void> {
  const repository: RepositoryName = change.repository;
  const digest = findDigest(change.name);
  const name = digest ?? findTag(change.name);
  if (!name) return;
  const row = digest
    ? await catalog.queries.findManifest(repository, digest)
    : await catalog.queries.findTag(repository, name as Exclude<typeof name, typeof digest>);
  if (!row) return manifests.remove(repository, name);
  return manifests.put({
    repository,
    name,
    digest: row.digest,
    mediaType: row.mediaType,
    sizeBytes: row.sizeBytes,
    timeMs: change.timeMs,
    sequence: change.sequence,
  });
}

/**
 * Brings the records up to the last sealed change. One caller at a time (a lease). How many changes it followed.
 * A crash in between repeats a batch, which writes the same records again.
 */
export async function drainRecords(deps: Deps, signal?: AbortSignal): Promise<number> {
  let followed = 0;
  let cursor = await deps.catalog.queries.findCursor(RECORDS_CURSOR);
  for (;;) {
    if (signal?.aborted) break;
    const changes = await deps.catalog.queries.listChanges({ after: cursor, limit: BATCH });
    const last = changes.at(-1);
    if (!last) break;
    const waiting = latestByName(changes).values();
    const worker = async (): Promise<void> => {
      for (const change of waiting) await writeRecord(deps, change); // the writers share one iterator
    };
    // All are waited for, also when one fails: a straggler could put an old state over that of the next run.
    const written = await Promise.allSettled(Array.from({ length: WRITERS }, worker));
    for (const part of written) if (part.status === 'rejected') throw part.reason;
    cursor = last.sequence;
    await deps.catalog.run('moveCursor', { name: RECORDS_CURSOR, sequence: cursor });
    followed += changes.length;
  }
  return followed;
}
