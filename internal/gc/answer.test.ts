import { describe, expect, it } from '@jest/globals';
import { answerOf } from './answer.ts';
import type { GcRun } from './run.ts';

const RUN: GcRun = {
  id: 'run',
  trigger: 'admin',
  startedMs: 1000,
  finishedMs: 1420,
  aliveMs: 1420,
  dryRun: false,
  isWhole: true,
  tally: { foundBlobs: 4, foundBytes: 80_000, deletedBlobs: 3, deletedBytes: 73_400, stuck: 1 },
  error: undefined,
};

describe('the answer of a run', () => {
  it('has the form that clients of the contract expect', () => {
    expect(answerOf(RUN)).toEqual({
      success: true,
      message: 'Garbage collection completed: 3 blobs deleted, 0 manifests deleted, 73400 bytes freed',
      metrics: {
        orphaned_blobs_found: 4,
        orphaned_manifests_found: 0,
        blobs_deleted: 3,
        manifests_deleted: 0,
        bytes_freed: 73_400,
        run_duration_seconds: 0.42,
        dry_run: false,
        reclaimable_blobs: 4,
        reclaimable_manifests: 0,
        reclaimable_bytes: 80_000,
        errors: 1,
        limited: false,
      },
    });
  });

  it('says of a dry run what would go', () => {
    expect(answerOf({ ...RUN, dryRun: true }).message).toBe(
      'Garbage collection dry run: 4 blobs and 80000 bytes would go',
    );
  });

  it('says of one that broke off why, and what it did until then', () => {
    expect(answerOf({ ...RUN, error: 'the disk is gone' })).toMatchObject({
      success: false,
      message: 'Garbage collection failed: the disk is gone',
      metrics: { blobs_deleted: 3, limited: true },
    });
  });
});
