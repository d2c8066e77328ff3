import { setImmediate } from 'node:timers/promises';
import type { RepositoryName } from '../../pkg/oci/index.ts';
import type { Candidate, Catalog } from '../catalog/index.ts';
import { applySweep, applyTakeover, type ApplyDeps, type Swept } from './apply.ts';
import { planSweep, type Policy } from './plan.ts';

export interface CollectDeps extends ApplyDeps {
  readonly catalog: Pick<Catalog, 'run' | 'queries'>;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly batchSize: number;
  /** Without end where it is 0. */
  readonly maxDeletesPerSecond: number;
}

export interface Collection {
  /** How long blobs are kept that nothing references; leases hold in any case. */
  readonly graceMs: number;
  readonly repositories?: ReadonlySet<RepositoryName> | undefined;
  /** Finds what would go, and changes nothing. */
  readonly dryRun: boolean;
  /** Hears of each blob that is found to be garbage. */
  readonly onGarbage?: (candidate: Candidate) => void;
  /** Hears how far it has come. */
  readonly onProgress?: (tally: Tally) => void;
}

/** What a collection found and did. */
export interface Tally {
  readonly foundBlobs: number;
  readonly foundBytes: number;
  readonly deletedBlobs: number;
  readonly deletedBytes: number;
  /** Blobs that no client sees any more, and whose content could not be removed yet. */
  readonly stuck: number;
}

const sumOf = (some: readonly { readonly sizeBytes: number }[]): number =>
  some.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

/**
 * Deletes what nothing references, in batches: first what an earlier run began and did not end. Cost is by what changed
 * since the last collection. It may be cut short at any point, and run again.
 */
export async function collect(deps: CollectDeps, collection: Collection, signal: AbortSignal): Promise<Tally> {
  const { graceMs, repositories, dryRun, onGarbage, onProgress } = collection;
  const { catalog, batchSize: limit } = deps;
  let tally: Tally = { foundBlobs: 0, foundBytes: 0, deletedBlobs: 0, deletedBytes: 0, stuck: 0 };
  const count = (found: readonly Candidate[], { deleted, stuck }: Swept): void => {
    tally = {
      foundBlobs: tally.foundBlobs + found.length,
      foundBytes: tally.foundBytes + sumOf(found),
      deletedBlobs: tally.deletedBlobs + deleted.length,
      deletedBytes: tally.deletedBytes + sumOf(deleted),
      stuck: tally.stuck + stuck,
    };
    onProgress?.(tally);
  };
  const pace = createPace(deps);

  async function endGivenUp(): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const swept = await applyTakeover(limit, deps);
      if (swept.deleted.length + swept.stuck === 0) return;
      count([], swept);
      await pace(swept.deleted.length, signal);
    }
  }

  if (!dryRun) await endGivenUp();
  const startMs = deps.clock();
  const untilMs = startMs - graceMs;
  for (let after: Candidate | undefined; ;) {
    signal.throwIfAborted();
    const candidates: readonly Candidate[] = await catalog.queries.listCandidates({ after, untilMs, limit });
    const policy: Policy = { nowMs: deps.clock(), graceMs, repositories };
    const sweep = planSweep(candidates, policy);
    for (const candidate of sweep.garbage) onGarbage?.(candidate);
    const swept = dryRun ? { deleted: [], stuck: 0 } : await applySweep(sweep, untilMs, deps);
    count(sweep.garbage, swept);
    after = candidates.at(-1);
    if (!after || candidates.length < limit) return tally;
    await setImmediate(); // a catalog in this thread answers at once: others get their turn
    await pace(swept.deleted.length, signal);
  }
}

/** Waits for as long as so many deletions are to take, less what they took. */
function createPace({ ticks, pause, maxDeletesPerSecond }: CollectDeps) {
  let sinceTicks = ticks();
  return async (deletes: number, signal: AbortSignal): Promise<void> => {
    const dueTicks = sinceTicks + (maxDeletesPerSecond === 0 ? 0 : (deletes * 1000) / maxDeletesPerSecond);
    const waitMs = dueTicks - ticks();
    if (waitMs > 0) await pause(waitMs, signal);
    sinceTicks = ticks();
  };
}
