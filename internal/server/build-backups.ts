import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { v4 } from 'uuid';
import type { Catalog } from '../catalog/index.ts';
import type { Jobs } from '../jobs/index.ts';
import type { Logger } from '../log/index.ts';
import { createBackups, declareBackupMetrics, parseSchedule, type Backups } from '../maintenance/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { openBackupTarget, parseBackupPlace, type Storage } from '../storage/index.ts';
import { findUploadId, type UploadId } from '../../pkg/oci/index.ts';
import type { Config } from './options.ts';

export interface BackupsBuildDeps {
  readonly config: Config;
  readonly catalog: Catalog;
  readonly storage: Storage;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly clock: () => number;
  readonly version: string;
  readonly onGarbage: (count: number) => void;
}

const LEASE_MS = 30_000;
const LOOK_MS = 60_000;

export function buildBackups(deps: BackupsBuildDeps): Backups {
  const { config, catalog, clock, version } = deps;
  const place =
    config['backup.target'] === undefined ? undefined : parseBackupPlace(config['backup.target'], process.cwd());
  if (typeof place === 'string') throw new TypeError(`backup.target ${place}`); // checked when it was read
  const schedule = config['backup.schedule'];
  return createBackups({
    ...deps,
    openTarget: place && (() => openBackupTarget(place, config, { clock, uuid: v4, onGarbage: deps.onGarbage })),
    schedule: schedule === undefined ? undefined : parseSchedule(schedule),
    keep: config['backup.keep'],
    newUploadId: () => findUploadId(v4()) as UploadId, // what v4 makes is one
    random: Math.random,
    pause: (ms, signal) => setTimeout(ms, undefined, { signal }),
    newId: v4,
    program: version,
    host: hostname(),
    metrics: declareBackupMetrics(deps.metrics, clock, catalog),
  });
}

/** Looks from time to time whether a backup is due: of all replicas one makes it. */
export function addBackupJob(jobs: Jobs, backups: Backups, config: Config): void {
  if (config['backup.schedule'] === undefined) return;
  jobs.every({
    name: 'backup-schedule',
    intervalMs: LOOK_MS,
    leaseMs: LEASE_MS,
    run: (signal) => backups.runIfDue(signal),
  });
}
