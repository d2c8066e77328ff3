import { createLeaseStore, type Catalog } from '../../catalog/index.ts';
import { runUnderLease } from '../../jobs/index.ts';

export interface LeaseDeps {
  readonly catalog: Pick<Catalog, 'run'>;
  readonly clock: () => number;
  /** This process and run, among all that share the leases. */
  readonly holder: string;
  /** Rejects when the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

const LEASE_MS = 30_000;
const AGAIN_MS = 250;

/** Runs something under a lease; undefined where another holds it. The signal of `act` ends when the lease does. */
export async function underLease<Result>(
  name: string,
  { catalog, clock, holder }: LeaseDeps,
  act: (signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
): Promise<{ readonly result: Result } | undefined> {
  let done: { readonly result: Result } | undefined;
  const run = async (until: AbortSignal): Promise<void> => void (done = { result: await act(until) });
  const job = { name, intervalMs: LEASE_MS, leaseMs: LEASE_MS, run };
  await runUnderLease(job, signal, { leases: createLeaseStore(catalog), clock, holder });
  return done;
}

/** The same, after waiting for whoever holds it. */
export async function whenLeased<Result>(
  name: string,
  deps: LeaseDeps,
  act: (signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  for (;;) {
    signal.throwIfAborted();
    const done = await underLease(name, deps, act, signal);
    if (done) return done.result;
    await deps.pause(AGAIN_MS, signal);
  }
}
