import type { Catalog } from '../../catalog/index.ts';
import type { Metrics } from '../../metrics/index.ts';
import type { Made } from './make-backup.ts';
import { GOOD_CURSOR } from './schedule.ts';

/** How backups are counted. */
export interface BackupMetrics {
  made(made: Made, seconds: number): void;
  failed(): void;
}

/** Declares the metrics of the backups of a catalog. */
export function declareBackupMetrics(
  metrics: Metrics,
  clock: () => number,
  { queries }: Pick<Catalog, 'queries'>,
): BackupMetrics {
  const runs = metrics.counter('backup_runs_total', 'Backups that were begun, by what came of them.', ['result']);
  const [done, failed] = [runs.with({ result: 'done' }), runs.with({ result: 'failed' })];
  const bytes = metrics.counter('backup_copied_bytes_total', 'Bytes of content that backups copied.', []).with({});
  const gauge = (name: string, help: string) => metrics.gauge(name, help, { merge: 'max' }).with({});
  const size = gauge('backup_content_bytes', 'Bytes of content that the last backup of this process names.');
  const lacking = gauge('backup_lacking_blobs', 'Contents that the last backup of this process had to go without.');
  const took = gauge('backup_last_run_seconds', 'How long the last backup of this process took.');
  metrics.gauge('backup_age_seconds', 'Since the last good backup was begun; since 1970 where there was none.', {
    merge: 'max', // every process looks at the same
    collect: async (age) => age.with({}).set(Math.max(0, clock() - (await queries.findCursor(GOOD_CURSOR))) / 1000),
  });
  return {
    made({ backup }, seconds) {
      done.add(1);
      bytes.add(backup.copied.bytes);
      size.set(backup.content.bytes);
      lacking.set(backup.lacking.length);
      took.set(seconds);
    },
    failed: () => failed.add(1),
  };
}
