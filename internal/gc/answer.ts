import type { GcRun } from './run.ts';

/** A run as `POST /admin/gc` and `octoserve gc --json` tell it (drift contract, section 9). */
export interface GcAnswer {
  readonly success: boolean;
  readonly message: string;
  readonly metrics: GcMetrics | null;
}

/**
 * Manifests go when someone deletes them or a retention rule says so, and their bytes are blobs: so the collector finds
 * and deletes none, and counts their bytes among the blobs.
 */
export interface GcMetrics {
  readonly orphaned_blobs_found: number;
  readonly orphaned_manifests_found: 0;
  readonly blobs_deleted: number;
  readonly manifests_deleted: 0;
  readonly bytes_freed: number;
  readonly run_duration_seconds: number;
  readonly dry_run: boolean;
  readonly reclaimable_blobs: number;
  readonly reclaimable_manifests: 0;
  readonly reclaimable_bytes: number;
  /** Blobs that could not be removed. */
  readonly errors: number;
  /** Whether it broke off before its end. */
  readonly limited: boolean;
}

export const NOT_CONFIGURED: GcAnswer = {
  success: false,
  message: 'Garbage collection is not configured',
  metrics: null,
};
export const STARTED: GcAnswer = { success: true, message: 'started', metrics: null };

export function answerOf(run: GcRun): GcAnswer {
  const metrics = metricsOf(run);
  const { blobs_deleted: blobs, bytes_freed: bytes, reclaimable_blobs, reclaimable_bytes } = metrics;
  if (run.error !== undefined) return { success: false, message: `Garbage collection failed: ${run.error}`, metrics };
  const message = run.dryRun
    ? `Garbage collection dry run: ${reclaimable_blobs} blobs and ${reclaimable_bytes} bytes would go`
    : `Garbage collection completed: ${blobs} blobs deleted, 0 manifests deleted, ${bytes} bytes freed`;
  return { success: true, message, metrics };
}

export function metricsOf({ startedMs, finishedMs, dryRun, tally, error }: GcRun): GcMetrics {
  return {
    orphaned_blobs_found: tally.foundBlobs,
    orphaned_manifests_found: 0,
    blobs_deleted: tally.deletedBlobs,
    manifests_deleted: 0,
    bytes_freed: tally.deletedBytes,
    run_duration_seconds: ((finishedMs ?? startedMs) - startedMs) / 1000,
    dry_run: dryRun,
    reclaimable_blobs: tally.foundBlobs,
    reclaimable_manifests: 0,
    reclaimable_bytes: tally.foundBytes,
    errors: tally.stuck,
    limited: error !== undefined,
  };
}
