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

/** For so long a lease outlives a process that was killed. */
export const LEASE_MS = 30_000;
const AGAIN_MS = 250;

/** Runs something under a lease; undefined where another holds it. The signal of `act` ends when the lease does. */
async function underLease<Result>(
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

/** The same, after waiting for whoever holds it, so long at most. */
export async function whenLeased<Result>(
  name: string,
  deps: LeaseDeps,
  act: (signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
  patienceMs = Infinity,
): Promise<{ readonly result: Result } | undefined> {
  for (const endMs = deps.clock() + patienceMs; ;) {
    signal.throwIfAborted();
    const done = await underLease(name, deps, act, signal);
    if (done || deps.clock() >= endMs) return done;
    await deps.pause(AGAIN_MS, signal);
  }
}

/** Runs something under a lease, however long that takes to come free. */
export async function whileLeased<Result>(
  name: string,
  deps: LeaseDeps,
  act: (signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  for (;;) {
    const done = await whenLeased(name, deps, act, signal);
    if (done) return done.result;
  }
}
