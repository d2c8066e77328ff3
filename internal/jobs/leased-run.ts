import type { Job } from './job.ts';
import type { Clock, LeaseStore } from './types.ts';

export interface LeaseDeps {
  readonly leases: LeaseStore;
  readonly clock: Clock;
  /** This process, among all that share the leases. */
  readonly holder: string;
}

/** Something to be done under a lease: what there is to a job besides how often. */
export interface LeasedWork<Result> extends Pick<Job, 'name' | 'leaseMs'> {
  readonly run: (signal: AbortSignal) => Promise<Result>;
}

/** What came of it: `leased` where another process has the lease. */
export type LeasedTurn<Result> = Readonly<{ kind: 'ran'; result: Result }> | Readonly<{ kind: 'leased' }>;

/**
 * Runs the job once under its lease, where that can be had. The lease is renewed at a third of its time; the run's
 * signal is aborted when `signal` is, when another process has the lease, and when it ran out unrenewed, so that the
 * job never goes on beside its successor's. Throws what the job threw, and what the store threw when the lease was taken.
 */
export async function runUnderLease<Result>(
  job: LeasedWork<Result>,
  signal: AbortSignal,
  { leases, clock, holder }: LeaseDeps,
): Promise<LeasedTurn<Result>> {
  let untilMs = 0;
  /** Until when it holds is counted from before the store was asked. */
  async function take(): Promise<boolean> {
    const nowMs = clock();
    const mine = await leases.take(job.name, holder, nowMs, nowMs + job.leaseMs);
    if (mine) untilMs = nowMs + job.leaseMs;
    return mine;
  }
  if (!(await take())) return { kind: 'leased' };

  const lost = new AbortController();
  const lose = (cause?: unknown): void => lost.abort(new Error(`the lease of ${job.name} was lost`, { cause }));
  let renewal: Promise<void> | undefined;
  let failure: unknown;
  async function renew(): Promise<void> {
    try {
      if (!(await take())) lose();
    } catch (thrown) {
      failure = thrown; // a store that cannot answer just now takes nothing away: the lease holds for the rest of its time
    } finally {
      renewal = undefined;
    }
  }
  const timer = setInterval(() => {
    if (clock() >= untilMs) lose(failure);
    else renewal ??= renew();
  }, job.leaseMs / 3);
  timer.unref();
  try {
    return { kind: 'ran', result: await job.run(AbortSignal.any([signal, lost.signal])) };
  } finally {
    clearInterval(timer);
    await renewal;
    // Where it cannot be given back it runs out by itself.
    await leases.drop(job.name, holder).catch(() => undefined);
  }
}
