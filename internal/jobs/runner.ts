import { planDelay } from './delay.ts';
import type { Job, Turn } from './job.ts';
import { runUnderLease } from './leased-run.ts';
import type { Clock, LeaseStore } from './types.ts';

/** What jobs tell: `internal/log` gives one that fits. */
export interface JobLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface JobsDeps {
  readonly leases: LeaseStore;
  readonly clock: Clock;
  readonly log: JobLog;
  /** This process, among all that share the leases; no two of one name. */
  readonly holder: string;
  /** 0 to 1. */
  readonly random: () => number;
  /** Whether the operator hears of such a failure elsewhere: then a job that fails so is no further record. */
  readonly isTold?: (error: unknown) => boolean;
}

/** One job of this process. */
export interface Runner {
  start(): void;
  runNow(): Promise<Turn>;
  stop(): Promise<void>;
}

/** A first run comes soon after start, but not of all jobs and replicas at one moment. */
const FIRST_RUN_WITHIN_MS = 1000;

export function createRunner(job: Job, deps: JobsDeps): Runner {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<Turn> | undefined;
  let next: Promise<Turn> | undefined;
  let failures = 0;
  let isRecorded = false;

  /** A run that begins from now on: one that goes on already is waited for, and all who wait share the one after it. */
  function turn(): Promise<Turn> {
    if (!current) {
      current = run().finally(() => (current = undefined));
      return current;
    }
    const afterwards = (): Promise<Turn> => {
      next = undefined;
      return turn();
    };
    next ??= current.then(afterwards, afterwards);
    return next;
  }

  async function run(): Promise<Turn> {
    stopping.signal.throwIfAborted();
    try {
      const { kind } = await runUnderLease(job, stopping.signal, deps);
      if (kind === 'ran') succeeded();
      return kind;
    } catch (error) {
      if (!stopping.signal.aborted) failed(error);
      throw error;
    }
  }

  // Told when it changes, not at every run: a job that fails for a night is two records.
  function succeeded(): void {
    if (isRecorded) deps.log.info('job works again', { job: job.name, failures });
    isRecorded = false;
    failures = 0;
  }

  function failed(error: unknown): void {
    failures += 1;
    if (isRecorded || deps.isTold?.(error)) return;
    deps.log.error('job failed, it is tried again', { job: job.name, error });
    isRecorded = true;
  }

  function schedule(delayMs: number): void {
    timer = setTimeout(() => {
      const again = (): void => {
        if (!stopping.signal.aborted) schedule(planDelay(job.intervalMs, failures, deps.random()));
      };
      void turn().then(again, again);
    }, delayMs);
    timer.unref();
  }

  return {
    start: () => schedule(Math.min(job.intervalMs, FIRST_RUN_WITHIN_MS) * deps.random()),
    runNow: turn,
    stop: async () => {
      clearTimeout(timer);
      stopping.abort(new Error(`${job.name} is stopped`));
      await Promise.allSettled([current, next]);
    },
  };
}
