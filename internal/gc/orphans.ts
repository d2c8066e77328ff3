import type { Catalog, Deletion } from '../catalog/index.ts';
import type { BlobStore, StoredBlob } from '../storage/index.ts';

export interface OrphanDeps {
  readonly catalog: Pick<Catalog, 'run' | 'queries'>;
  readonly blobs: Pick<BlobStore, 'walk'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export interface OrphanSearch {
  /** Content that was written later is passed over: it may be on its way to a row. */
  readonly graceMs: number;
  readonly onProgress?: (looked: number) => void;
}

export interface Orphans {
  readonly looked: number;
  readonly adopted: number;
}

const ASKED_AT_ONCE = 16;
const ADOPTED_AT_ONCE = 100;

/**
 * Looks through all of storage for content that no row knows, as a crash or a power cut leaves it, and makes it
 * candidates of the collector. Nothing is decided by what was listed: an orphan is deleted as any other blob is, and who
 * pushes it meanwhile finds a row like others.
 */
export async function adoptOrphans(
  { catalog, blobs, clock }: OrphanDeps,
  { graceMs, onProgress }: OrphanSearch,
  signal: AbortSignal,
): Promise<Orphans> {
  let [looked, adopted] = [0, 0];
  let orphans: Deletion[] = [];
  const beforeMs = clock() - graceMs;

  async function adopt(): Promise<void> {
    const some = orphans;
    orphans = [];
    if (some.length > 0) adopted += await catalog.run('adoptOrphans', { orphans: some, nowMs: clock() });
  }
  async function look({ digest, sizeBytes, modifiedMs }: StoredBlob): Promise<void> {
    if (modifiedMs > beforeMs || (await catalog.queries.findContent(digest))) return;
    orphans.push({ digest, sizeBytes });
  }

  let asked: StoredBlob[] = [];
  async function lookAtAsked(): Promise<void> {
    signal.throwIfAborted();
    await Promise.all(asked.map(look));
    looked += asked.length;
    asked = [];
    onProgress?.(looked);
    if (orphans.length >= ADOPTED_AT_ONCE) await adopt();
  }
  for await (const blob of blobs.walk()) if (asked.push(blob) === ASKED_AT_ONCE) await lookAtAsked();
  await lookAtAsked();
  await adopt();
  return { looked, adopted };
}
