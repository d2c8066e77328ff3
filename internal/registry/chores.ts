import type { Catalog } from '../catalog/index.ts';
import type { Storage } from '../storage/index.ts';
import type { PullNotes } from './pull-notes.ts';
import { drainRecords } from './records.ts';

interface Deps {
  readonly storage: Storage;
  readonly catalog: Catalog;
  readonly pulls: PullNotes;
  readonly clock: () => number;
  readonly uploadExpiryMs: number;
}

/** The name, and so the lease, of the job that runs `followChanges`. */
export const FOLLOW_JOB = 'follow-changes';

/** What has to be done from time to time, by one process at a time: each is safe to repeat and to cut short. */
export interface Chores {
  /** Numbers the committed changes, then brings everything that follows them up to date. */
  followChanges(signal?: AbortSignal): Promise<void>;
  /** Writes down what was pulled; of each process by itself, whose memory has that. */
  flushPulls(): Promise<void>;
  /** Ends sessions whose last byte is too old, and removes upload bytes that no session owns. How many of each. */
  sweepUploads(signal?: AbortSignal): Promise<{ readonly expired: number; readonly orphans: number }>;
}

const SEAL_BATCH = 1000;
const EXPIRE_BATCH = 100;

export function createChores({ storage, catalog, pulls, clock, uploadExpiryMs }: Deps): Chores {
  async function followChanges(signal?: AbortSignal): Promise<void> {
    for (;;) {
      const { sealed } = await catalog.run('sealChanges', { nowMs: clock(), limit: SEAL_BATCH });
      if (sealed < SEAL_BATCH || signal?.aborted) break;
    }
    await drainRecords({ catalog, manifests: storage.manifests }, signal);
  }

  async function expireSessions(beforeMs: number, signal?: AbortSignal): Promise<number> {
    let expired = 0;
    for (;;) {
      if (signal?.aborted) break;
      const ended = await catalog.run('expireUploads', { beforeMs, nowMs: clock(), limit: EXPIRE_BATCH });
      for (const { id, state } of ended) await storage.uploads.discard(id, state);
      expired += ended.length;
      if (ended.length < EXPIRE_BATCH) break;
    }
    return expired;
  }

  async function sweepUploads(signal?: AbortSignal): Promise<{ readonly expired: number; readonly orphans: number }> {
    // Storage that is away has nothing to sweep; one that finds our clock wrong saves what only looks old by it.
    await storage.check();
    const beforeMs = clock() - uploadExpiryMs;
    const expired = await expireSessions(beforeMs, signal);
    let orphans = 0;
    for await (const { id, modifiedMs } of storage.uploads.list()) {
      if (signal?.aborted) break;
      // A listing only nominates: bytes that a session owns stay, and so do bytes that may still be written to.
      if (modifiedMs >= beforeMs || (await catalog.queries.findUpload(id))) continue;
      await storage.uploads.discard(id);
      orphans += 1;
    }
    if (!signal?.aborted) orphans += await storage.uploads.sweep(beforeMs);
    return { expired, orphans };
  }

  return { followChanges, flushPulls: () => pulls.flush(), sweepUploads };
}
