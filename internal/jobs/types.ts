/** Leases that hold across processes: with several replicas a job runs once at a time, and a dead holder's lease passes on. */
export interface LeaseStore {
  /** True where the lease is this holder's until `untilMs` (taken, or renewed by the same holder). */
  take(name: string, holder: string, nowMs: number, untilMs: number): Promise<boolean>;
  drop(name: string, holder: string): Promise<void>;
}

/** Milliseconds since 1970; passed in, so that tests set the time. */
export type Clock = () => number;
