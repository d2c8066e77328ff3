/** Something to be done again and again, by one process at a time. */
export interface Job {
  /** Names its lease too: two jobs of one name are the same job. */
  readonly name: string;
  /** From the end of one run to the start of the next, give or take a tenth. */
  readonly intervalMs: number;
  /** How long the lease holds when its holder dies; it is renewed while the job runs. */
  readonly leaseMs: number;
  /** Does the work. The signal ends it: at `stop`, and when the lease was lost to another process. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** What came of one turn: `leased` where another process has the job. */
export type Turn = 'ran' | 'leased';
