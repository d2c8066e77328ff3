import { findDigest, findTag, type Digest, type RepositoryName, type Tag } from '../../pkg/oci/index.ts';
import type { Catalog, ChangeAction, ChangeRow } from '../catalog/index.ts';
import type { ManifestRecord, ManifestStore } from '../storage/index.ts';

/** The name of the cursor by which the records in storage follow the log of changes. */
export const RECORDS_CURSOR = 'records';
/** Few at a time: requests are answered between them. */
const BATCH = 50;
const WRITERS = 8;

interface Deps {
  readonly catalog: Catalog;
  readonly manifests: ManifestStore;
}

/** What happens to names that have a record: blobs have none, nor has anything that is no content. */
const RECORDED: ReadonlySet<ChangeAction> = new Set(['manifest.put', 'manifest.delete', 'tag.put', 'tag.delete']);

type NamedChange = ChangeRow & { readonly repository: RepositoryName };

/** The last change of each name that has a record. */
function latestByName(changes: readonly ChangeRow[]): readonly NamedChange[] {
  const named = changes.filter((change): change is NamedChange => RECORDED.has(change.action));
  return [...new Map(named.map((change) => [`${change.repository}:${change.name}`, change])).values()];
}

/**
 * The record of a name as the catalog has it now; undefined where it has no such name. `timeMs`: when the name last
 * changed, which counts for a tag; a manifest has a time of its own.
 */
export async function recordOf(
  catalog: Pick<Catalog, 'queries'>,
  repository: RepositoryName,
  name: Tag | Digest,
  { sequence, timeMs }: { readonly sequence: number; readonly timeMs: number },
): Promise<ManifestRecord | undefined> {
  const digest = findDigest(name);
  const row = digest
    ? await catalog.queries.findManifest(repository, digest)
    : await catalog.queries.findTag(repository, name as Tag); // what is no digest is a tag
  if (!row) return undefined;
  return {
    repository,
    name,
    digest: row.digest,
    mediaType: row.mediaType,
    sizeBytes: row.sizeBytes,
    timeMs: digest ? row.pushedMs : timeMs,
    sequence,
  };
}

/** Writes the record of one name from the catalog's present state, not from the change: so replicas cannot disagree. */
async function writeRecord({ catalog, manifests }: Deps, change: NamedChange): Promise<void> {
  const name = findDigest(change.name) ?? findTag(change.name);
  if (!name) return;
  const record = await recordOf(catalog, change.repository, name, change);
  if (record) await manifests.put(record);
  else await manifests.remove(change.repository, name);
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
      // The writers share one iterator. Whoever lost the lease writes no more: its successor does.
      for (const change of waiting) if (!signal?.aborted) await writeRecord(deps, change);
    };
    // All are waited for, also when one fails: a straggler could put an old state over that of the next run.
    const written = await Promise.allSettled(Array.from({ length: WRITERS }, worker));
    for (const part of written) if (part.status === 'rejected') throw part.reason;
    if (signal?.aborted) break;
    cursor = last.sequence;
    await deps.catalog.run('moveCursor', { name: RECORDS_CURSOR, sequence: cursor });
    followed += changes.length;
  }
  return followed;
}
