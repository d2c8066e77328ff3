import type { Metrics } from '../../metrics/index.ts';
import type { ScrubRun } from './run.ts';
import type { Finding } from './types.ts';

/** Declares the metrics of the scrub: how what it finds, and each pass, is counted. */
export function declareScrubMetrics(metrics: Metrics): {
  readonly onFinding: (finding: Finding) => void;
  readonly onRun: (run: ScrubRun, readBytes: number) => void;
} {
  const found = metrics.counter('scrub_damaged_blobs_total', 'Contents that were found damaged.', ['problem']);
  const mended = metrics.counter('scrub_mended_blobs_total', 'Damaged contents that were brought back.', ['from']);
  const bytes = metrics.counter('scrub_read_bytes_total', 'Bytes that passes over all content have read.', []).with({});
  const ended = metrics
    .gauge('scrub_last_pass_timestamp_seconds', 'When the last pass over all content came to its end.', {
      merge: 'max',
    })
    .with({});
  return {
    onFinding: ({ problem, isKnown, mendedFrom }) => {
      if (!isKnown) found.with({ problem }).add(1);
      if (mendedFrom !== undefined) mended.with({ from: mendedFrom }).add(1);
    },
    onRun: ({ finishedMs, sinceMs }, readBytes) => {
      bytes.add(readBytes);
      if (finishedMs !== undefined && sinceMs === undefined) ended.set(finishedMs / 1000);
    },
  };
}
