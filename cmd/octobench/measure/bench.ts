import { availableParallelism } from 'node:os';
import { CliError, PRODUCT_VERSION } from '../../../internal/cli/index.ts';
import { createPool } from '../generator/pool.ts';
import type { Report, WorkloadReport } from '../report/report.ts';
import type { Workload } from '../workloads/table.ts';
import { measureCeiling } from './ceiling.ts';
import { compareTargets } from './compare.ts';
import { describeMachine } from './machine.ts';
import type { Target } from './target.ts';

export interface BenchOptions {
  readonly targets: readonly Target[];
  readonly workloads: readonly Workload[];
  readonly rounds: number;
  readonly durationMs: number;
  readonly warmupMs: number;
  /** How long the machine is given to come to rest after a round. */
  readonly settleMs: number;
  readonly connections: number | undefined;
  readonly newConnections: boolean;
  readonly processes: number | undefined;
  readonly largeBytes: number;
  readonly tags: number;
  /** That the names of all repositories begin with. */
  readonly prefix: string;
  /** Told what is being done. */
  readonly onStep: (text: string) => void;
}

const CEILING_MS = 500;

/** Says at once what would otherwise be said of each workload. */
async function checkTarget({ site: { url } }: Target): Promise<void> {
  const response = await fetch(new URL('/v2/', url), { redirect: 'manual' }).catch((cause: Error) => {
    const { code, message } = (cause.cause ?? cause) as NodeJS.ErrnoException;
    throw new CliError(`${url} does not answer: ${code ?? message}`, { cause });
  });
  await response.body?.cancel();
  if (response.status === 200 || response.status === 401) return;
  throw new CliError(`${url} is no registry: it answers ${response.status} at /v2/`);
}

/** Measures the generator itself, then each workload on all targets. */
export async function runBench(options: BenchOptions): Promise<Report> {
  const {
    targets,
    workloads,
    onStep,
    durationMs,
    settleMs,
    rounds,
    warmupMs,
    processes,
    newConnections,
    largeBytes,
    tags,
  } = options;
  const cores = availableParallelism();
  const startedAt = new Date();
  for (const target of targets) await checkTarget(target);
  const pool = createPool();
  try {
    onStep('measuring the generator itself');
    const ceiling = await measureCeiling(pool, {
      durationMs: Math.min(CEILING_MS, durationMs),
      settleMs,
      processes,
      cores,
    });
    const reports: WorkloadReport[] = [];
    for (const workload of workloads) {
      const compared = compareTargets(pool, workload, targets, {
        ...options,
        cores,
        run: startedAt.getTime().toString(36),
        scale: { largeBytes, tags },
        afterRound: async () => undefined,
      });
      reports.push(await compared);
    }
    return {
      program: 'octobench',
      version: PRODUCT_VERSION,
      startedAt: startedAt.toISOString(),
      machine: describeMachine(),
      settings: { durationMs, rounds, warmupMs, newConnections, largeBytes, tags },
      ceiling,
      workloads: reports,
    };
  } finally {
    await pool.close();
  }
}
