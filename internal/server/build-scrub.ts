import { setTimeout } from 'node:timers/promises';
import { v4 } from 'uuid';
import type { Catalog } from '../catalog/index.ts';
import type { Jobs } from '../jobs/index.ts';
import type { Logger } from '../log/index.ts';
import { createRepairSources, createScrub, declareScrubMetrics, type Scrub } from '../maintenance/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { createOutbound } from '../outbound/index.ts';
import type { Storage } from '../storage/index.ts';
import { findUploadId, type UploadId } from '../../pkg/oci/index.ts';
import type { Config } from './options.ts';

export interface ScrubBuildDeps {
  readonly config: Config;
  readonly catalog: Catalog;
  readonly storage: Storage;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly clock: () => number;
  readonly ticks: () => number;
  readonly version: string;
  readonly onGarbage: (count: number) => void;
}

const LEASE_MS = 30_000;
const LOOK_MS = 60_000;

/** The scrub over the stores of a server. `close` lets go of the sources too. */
export function buildScrub(deps: ScrubBuildDeps): Scrub {
  const { config, catalog, storage, log, metrics, clock, ticks, version, onGarbage } = deps;
  const sources = createRepairSources({
    config,
    storageDeps: { clock, uuid: v4, onGarbage },
    openOutbound: () =>
      createOutbound({
        allowedNetworks: config['outbound.allow_networks'],
        timeoutMs: config['outbound.timeout'],
        version,
      }),
    version,
    cwd: process.cwd(),
  });
  const scrub = createScrub({
    catalog,
    storage,
    config,
    sources,
    clock,
    ticks,
    pause: (ms, signal) => setTimeout(ms, undefined, { signal }),
    newId: v4,
    newUploadId: () => findUploadId(v4()) as UploadId, // what v4 makes is one
    log,
    ...declareScrubMetrics(metrics),
  });
  return {
    ...scrub,
    async close() {
      await scrub.close();
      await Promise.all(sources.map((source) => source.close()));
    },
  };
}

/** Looks from time to time whether a pass is due: of all replicas one makes it. */
export function addScrubJob(jobs: Jobs, scrub: Scrub): void {
  const intervalMs = scrub.config['scrub.interval'];
  if (!scrub.config['scrub.enabled'] || intervalMs === 0) return;
  jobs.every({
    name: 'scrub-schedule',
    intervalMs: Math.min(intervalMs, LOOK_MS),
    leaseMs: LEASE_MS,
    run: (signal) => scrub.runIfDue(signal),
  });
}
