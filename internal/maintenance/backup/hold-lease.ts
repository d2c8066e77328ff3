import { createLeaseStore, type Catalog } from '../../catalog/index.ts';
import { runUnderLease, type LeasedTurn } from '../../jobs/index.ts';

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

/** Runs something under a lease, after waiting for whoever holds it, so long at most. Its signal ends when the lease does. */
export async function whenLeased<Result>(
  name: string,
  { catalog, clock, holder, pause }: LeaseDeps,
  act: (signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
  patienceMs = Infinity,
): Promise<LeasedTurn<Result>> {
  const leases = createLeaseStore(catalog);
  for (const endMs = clock() + patienceMs; ;) {
    signal.throwIfAborted();
    const turn = await runUnderLease({ name, leaseMs: LEASE_MS, run: act }, signal, { leases, clock, holder });
    if (turn.kind === 'ran' || clock() >= endMs) return turn;
    await pause(AGAIN_MS, signal);
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
    const turn = await whenLeased(name, deps, act, signal);
    if (turn.kind === 'ran') return turn.result;
  }
}
