import { CatalogError, createLeaseStore, type Catalog } from '../catalog/index.ts';
import { runUnderLease } from '../jobs/index.ts';
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

/** Runs something, which ends early where the signal says that it is not alone any more. */
export type Alone = (act: (signal: AbortSignal) => Promise<void>) => Promise<void>;

/**
 * Runs something under the lease of the job that follows changes: no server writes records meanwhile. Throws a
 * CatalogError where the lease is lost on the way, as by a process that stood still for long.
 */
export function createAlone({ catalog, clock, holder, pause }: Deps): Alone {
  const leases = createLeaseStore(catalog);
  const unstopped = new AbortController().signal;

  return async (act) => {
    const run = async (signal: AbortSignal): Promise<void> => {
      try {
        await act(signal);
      } catch (failure) {
        if (!signal.aborted) throw failure;
        throw new CatalogError('busy', 'another process went on in place of this one: run the command again', failure);
      }
    };
    const job = { name: FOLLOW_JOB, leaseMs: LEASE_MS, run };
    while ((await runUnderLease(job, unstopped, { leases, clock, holder })).kind === 'leased') await pause();
  };
}
