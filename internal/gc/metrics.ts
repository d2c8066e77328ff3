import type { Metrics } from '../metrics/index.ts';
import type { GcRun } from './run.ts';

/** Declares the metrics of the collector; how each run is counted. */
export function declareGcMetrics(metrics: Metrics): (run: GcRun) => void {
  const runs = metrics.counter('gc_runs_total', 'Runs of the garbage collector, dry ones apart.', ['result']);
  const [done, failed] = [runs.with({ result: 'done' }), runs.with({ result: 'failed' })];
  const blobs = metrics.counter('gc_deleted_blobs_total', 'Blobs that the garbage collector deleted.', []).with({});
  const bytes = metrics.counter('gc_deleted_bytes_total', 'Bytes that the garbage collector freed.', []).with({});
  const seconds = metrics
    .gauge('gc_last_run_seconds', 'How long the last run of the garbage collector took.', { merge: 'max' })
    .with({});
  return ({ dryRun, error, tally, startedMs, finishedMs = startedMs }) => {
    if (dryRun) return;
    (error === undefined ? done : failed).add(1);
    blobs.add(tally.deletedBlobs);
    bytes.add(tally.deletedBytes);
    seconds.set((finishedMs - startedMs) / 1000);
  };
}
