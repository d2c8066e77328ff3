import { createLeaseStore, type Catalog } from '../catalog/index.ts';
import { createJobs } from '../jobs/index.ts';
import { FOLLOW_JOB } from '../registry/index.ts';

interface Deps {
  readonly catalog: Catalog;
  readonly clock: () => number;
  /** This process, among all that share the leases. */
  readonly holder: string;
  /** Resolves after a moment, so that whoever has the lease can get on. */
  readonly pause: () => Promise<void>;
}

const LEASE_MS = 30_000;

/** Runs something under the lease of the job that follows changes: no server writes records meanwhile. */
export function createAlone({ catalog, clock, holder, pause }: Deps): (run: () => Promise<void>) => Promise<void> {
  const leases = createLeaseStore(catalog);
  const log = { info: () => undefined, error: () => undefined }; // what fails is thrown to who asked for it

  return async (run) => {
    const jobs = createJobs({ leases, clock, log, holder, random: () => 0 });
    jobs.every({ name: FOLLOW_JOB, intervalMs: LEASE_MS, leaseMs: LEASE_MS, run });
    while ((await jobs.runNow(FOLLOW_JOB)) === 'leased') await pause();
    await jobs.stop();
  };
}
