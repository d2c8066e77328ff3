import { hostname } from 'node:os';
import { v4 } from 'uuid';
import { createBackups, declareBackupMetrics, parseSchedule, type Backups } from '../maintenance/index.ts';
import { openBackupTarget, parseBackupPlace } from '../storage/index.ts';
import { newUploadId, pause, type PartDeps } from './part-deps.ts';

export function buildBackups({ config, catalog, storage, log, metrics, clock, version, onGarbage }: PartDeps): Backups {
  const target = config['backup.target'];
  const place = target === undefined ? undefined : parseBackupPlace(target, process.cwd());
  if (typeof place === 'string') throw new TypeError(`backup.target ${place}`); // checked when it was read
  const schedule = config['backup.schedule'];
  return createBackups({
    catalog,
    storage,
    log,
    clock,
    openTarget: place && (() => openBackupTarget(place, config, { clock, uuid: v4, onGarbage })),
    schedule: schedule === undefined ? undefined : parseSchedule(schedule),
    keep: config['backup.keep'],
    newUploadId,
    random: Math.random,
    pause,
    newId: v4,
    program: version,
    host: hostname(),
    metrics: declareBackupMetrics(metrics, clock, catalog),
  });
}
