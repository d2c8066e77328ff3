import { hostname } from 'node:os';
import { v4 } from 'uuid';
import { streamAudit, type AuthService } from '../auth/index.ts';
import { createLeaseStore, type Catalog } from '../catalog/index.ts';
import type { Gc, Retention } from '../gc/index.ts';
import { createJobs, type Job, type Jobs } from '../jobs/index.ts';
import type { Logger } from '../log/index.ts';
import type { Backups, Scrub } from '../maintenance/index.ts';
import { FOLLOW_JOB, type DiskGuard, type Registry } from '../registry/index.ts';
import { authJobs } from './build-auth.ts';
import { diskJob } from './build-disk.ts';
import { LEASE_MS, LOOK_MS } from './job-times.ts';
import { toldByStores } from './look-before-serving.ts';
import type { Config } from './options.ts';

export interface JobsDeps {
  readonly config: Config;
  readonly catalog: Catalog;
  readonly registry: Registry;
  readonly disk: DiskGuard;
  readonly gc: Gc;
  readonly retention: Retention;
  readonly backups: Backups;
  readonly scrub: Scrub;
  /** Undefined where nobody signs in. */
  readonly auth: AuthService | undefined;
  readonly ofFacades: readonly Job[];
  readonly log: Logger;
  readonly clock: () => number;
}

const FOLLOW_MS = 1000;
const SWEEP_MS = 60 * 60 * 1000;

/** All that is done from time to time; of all replicas one does each. */
export function buildJobs(deps: JobsDeps): Jobs {
  const { config, catalog, disk, gc, backups, scrub, auth, ofFacades, log, clock } = deps;
  const jobs = createJobs({
    leases: createLeaseStore(catalog),
    clock,
    log,
    holder: `${hostname()}/${process.pid}/${v4()}`,
    random: Math.random,
    isTold: toldByStores(config),
  });
  jobs.every(followJob(deps));
  jobs.every(sweepJob(deps));
  for (const job of ofFacades) jobs.every(job);
  if (config['gc.enabled'] && config['gc.interval'] > 0) {
    jobs.every(scheduleJob('gc-schedule', gc, config['gc.interval']));
  }
  if (config['backup.schedule'] !== undefined) jobs.every(scheduleJob('backup-schedule', backups));
  if (config['scrub.enabled'] && config['scrub.interval'] > 0) {
    jobs.every(scheduleJob('scrub-schedule', scrub, config['scrub.interval']));
  }
  jobs.every(diskJob({ disk, log }));
  jobs.every(retentionJob(deps));
  if (auth) for (const job of authJobs(auth, { catalog, clock })) jobs.every(job);
  return jobs;
}

/** Whatever follows the log of changes. */
function followJob({ registry, catalog, log }: JobsDeps): Job {
  return {
    name: FOLLOW_JOB,
    intervalMs: FOLLOW_MS,
    leaseMs: LEASE_MS,
    run: async (signal) => {
      // Neither waits for the other's trouble; what is sealed now is streamed the next time.
      const runs = [registry.chores.followChanges(signal), streamAudit({ catalog, log }, signal)];
      for (const run of await Promise.allSettled(runs)) if (run.status === 'rejected') throw run.reason;
    },
  };
}

function sweepJob({ registry, config, log }: JobsDeps): Job {
  return {
    name: 'sweep-uploads',
    intervalMs: Math.min(SWEEP_MS, config['registry.upload_expiry']),
    leaseMs: LEASE_MS,
    run: async (signal) => {
      const { expired, orphans } = await registry.chores.sweepUploads(signal);
      if (expired + orphans > 0) log.info('Uploads swept', { expired, orphans });
    },
  };
}

/** Looks whether something is due that knows by itself when it was done last. */
function scheduleJob(name: string, due: Pick<Gc | Backups | Scrub, 'runIfDue'>, intervalMs = LOOK_MS): Job {
  return {
    name,
    intervalMs: Math.min(intervalMs, LOOK_MS),
    leaseMs: LEASE_MS,
    run: (signal) => due.runIfDue(signal),
  };
}

function retentionJob({ retention, log }: JobsDeps): Job {
  return {
    name: 'retention',
    intervalMs: LOOK_MS,
    leaseMs: LEASE_MS,
    run: async (signal) => {
      const done = await retention.runIfDue(signal);
      if (!done) return;
      const { tags, manifests, bytes } = done;
      if (tags + manifests > 0) log.info('Retention rules were carried out', { tags, manifests, bytes });
    },
  };
}
