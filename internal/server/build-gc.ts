import { setTimeout } from 'node:timers/promises';
import { v4 } from 'uuid';
import type { Catalog } from '../catalog/index.ts';
import { createGc, declareGcMetrics, type Gc } from '../gc/index.ts';
import type { Jobs } from '../jobs/index.ts';
import type { Logger } from '../log/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { Storage } from '../storage/index.ts';
import type { Config } from './options.ts';

export interface GcBuildDeps {
  readonly config: Config;
  readonly catalog: Catalog;
  readonly storage: Storage;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly clock: () => number;
  readonly ticks: () => number;
}

const LEASE_MS = 30_000;
const LOOK_MS = 60_000;

export function buildGc({ config, catalog, storage, log, metrics, clock, ticks }: GcBuildDeps): Gc {
  return createGc({
    catalog,
    storage,
    config,
    clock,
    ticks,
    pause: (ms, signal) => setTimeout(ms, undefined, { signal }),
    newId: v4,
    log,
    onRun: declareGcMetrics(metrics),
  });
}

/** Looks from time to time whether a run is due: of all replicas one runs, when the interval since the last is over. */
export function addGcJob(jobs: Jobs, gc: Gc): void {
  const intervalMs = gc.config['gc.interval'];
  if (!gc.config['gc.enabled'] || intervalMs === 0) return;
  jobs.every({
    name: 'gc-schedule',
    intervalMs: Math.min(intervalMs, LOOK_MS),
    leaseMs: LEASE_MS,
    run: (signal) => gc.runIfDue(signal),
  });
}
