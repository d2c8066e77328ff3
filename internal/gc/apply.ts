import type { Digest } from '../../pkg/oci/index.ts';
import { TAKEOVER_MS, type Catalog, type Deletion, type Origin } from '../catalog/index.ts';
import type { BlobStore } from '../storage/index.ts';
import type { Sweep } from './plan.ts';

export interface ApplyDeps {
  readonly catalog: Pick<Catalog, 'run'>;
  readonly blobs: Pick<BlobStore, 'removeAll'>;
  /** Who deletes, for the log of changes. */
  readonly by: Origin;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Milliseconds, monotonic. */
  readonly ticks: () => number;
  /** A text that nobody else makes. */
  readonly newId: () => string;
  /** Hears of content that could not be removed; it is tried again when the deletion is taken over. */
  readonly onStuck: (digest: Digest, cause: unknown) => void;
}

/** What became of a sweep. */
export interface Swept {
  readonly deleted: readonly Deletion[];
  /** How many are neither there for clients nor removed yet. */
  readonly stuck: number;
}

const NOTHING: Swept = { deleted: [], stuck: 0 };

/**
 * Carries out a sweep. That a blob goes is decided in the transaction that begins its deletion; then its content goes,
 * then its row. What in between is cut short is taken over by a later run.
 */
export async function applySweep(sweep: Sweep, beforeMs: number, deps: ApplyDeps): Promise<Swept> {
  const { catalog, by, clock } = deps;
  const [needed, digests] = [sweep.needed, sweep.garbage].map((some) => some.map(({ digest }) => digest));
  if (needed?.length) await catalog.run('dismissCandidates', { digests: needed, nowMs: clock() });
  if (!digests?.length) return NOTHING;
  return deleting(deps, (deletion) =>
    catalog.run('beginDeletions', { by, deletion, digests, beforeMs, nowMs: clock() }),
  );
}

/** Carries out up to `limit` deletions that were begun and given up. */
export async function applyTakeover(limit: number, deps: ApplyDeps): Promise<Swept> {
  const nowMs = deps.clock();
  return deleting(deps, (deletion) =>
    deps.catalog.run('takeOverDeletions', { deletion, beforeMs: nowMs - TAKEOVER_MS, nowMs, limit }),
  );
}

async function deleting(
  { catalog, blobs, ticks, newId, onStuck }: ApplyDeps,
  begin: (deletion: string) => Promise<readonly Deletion[]>,
): Promise<Swept> {
  // Counted from before the transaction: whoever takes over counts from within it.
  const endTicks = ticks() + TAKEOVER_MS / 2;
  const deletion = newId();
  const begun = await begin(deletion);
  if (begun.length === 0) return NOTHING;
  const remaining = await blobs.removeAll(
    begun.map(({ digest }) => digest),
    () => endTicks - ticks(),
  );
  for (const { digest, cause } of remaining) onStuck(digest, cause);
  const stuck = new Set(remaining.map(({ digest }) => digest));
  const deleted = begun.filter(({ digest }) => !stuck.has(digest));
  await catalog.run('endDeletions', { deletion, digests: deleted.map(({ digest }) => digest) });
  return { deleted, stuck: stuck.size };
}
