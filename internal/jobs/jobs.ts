import type { Job, Turn } from './job.ts';
import { createRunner, type JobsDeps, type Runner } from './runner.ts';

/** The jobs of a process: each is run at its interval, one run at a time here and, by its lease, anywhere. */
export interface Jobs {
  /** Adds a job; its first run comes within a second of `start`, or of now where that was called already. */
  every(job: Job): void;
  start(): void;
  /** Runs the job now, after a run that goes on already. Rejects with what the job threw. */
  runNow(name: string): Promise<Turn>;
  /** Aborts what runs, and resolves when all of it has ended; nothing runs any more. */
  stop(): Promise<void>;
}

export function createJobs(deps: JobsDeps): Jobs {
  const runners = new Map<string, Runner>();
  let started = false;

  return {
    every: (job) => {
      if (runners.has(job.name)) throw new Error(`there are two jobs named ${job.name}`);
      const runner = createRunner(job, deps);
      runners.set(job.name, runner);
      if (started) runner.start();
    },
    start: () => {
      if (started) return;
      started = true;
      for (const runner of runners.values()) runner.start();
    },
    runNow: async (name) => {
      const runner = runners.get(name);
      if (!runner) throw new Error(`there is no job named ${name}`);
      return runner.runNow();
    },
    stop: async () => {
      await Promise.all([...runners.values()].map((runner) => runner.stop()));
    },
  };
}
