import { availableParallelism } from 'node:os';
import { createPool, type Pool } from '../generator/pool.ts';
import { measureCeiling, type Ceiling } from '../measure/ceiling.ts';
import { compareTargets } from '../measure/compare.ts';
import { usageOf } from '../measure/processes.ts';
import { settle } from '../measure/settle.ts';
import type { TargetReport, WorkloadReport } from '../report/report.ts';
import { WORKLOADS } from '../workloads/table.ts';
import { removeLargeFiles, startServer, type Running } from './servers.ts';
import { LIMITS } from './steps.ts';
import { SERVERS, type ServerName, type Setup, type Step } from './types.ts';
import { judge, judgeLimit, type Verdict } from './verdict.ts';

export interface GoalsOptions {
  readonly steps: readonly Step[];
  /** The program of distribution. */
  readonly program: string;
  /** Where the servers keep what they are given. */
  readonly folder: string;
  readonly rounds: number;
  readonly durationMs: number;
  readonly warmupMs: number;
  readonly settleMs: number;
  readonly processes: number | undefined;
  readonly largeBytes: number;
  readonly tags: number;
  readonly onStep: (text: string) => void;
}

/** A step as it was run; undefined where nothing was asked of it, or ours or distribution could not. */
export interface JudgedStep {
  readonly step: Step;
  readonly report: WorkloadReport;
  readonly verdict: Verdict | undefined;
}

/** A figure that has a limit: ours in several tries, and distribution's best. */
export interface JudgedLimit {
  readonly limit: (typeof LIMITS)[keyof typeof LIMITS];
  readonly ours: readonly number[];
  readonly distribution: readonly number[];
  readonly verdict: Verdict;
}

export interface GoalsResult {
  readonly ceiling: Ceiling;
  readonly steps: readonly JudgedStep[];
  readonly limits: readonly JudgedLimit[];
}

const CEILING_MS = 500;
const STARTS = 5;
const LARGE_FILE_BYTES = 64 * 1024 * 1024;

const JUDGED = ['ours', 'distribution'] as const;
type Figures = Record<(typeof JUDGED)[number], number[]>;
const figures = (): Figures => ({ ours: [], distribution: [] });

/** Runs all steps, each setup with servers of its own, and judges them. */
export async function runGoals(options: GoalsOptions): Promise<GoalsResult> {
  const { durationMs, settleMs, processes, onStep } = options;
  const pool = createPool();
  try {
    onStep('measuring the generator itself');
    const cores = availableParallelism();
    const ceiling = await measureCeiling(pool, {
      durationMs: Math.min(CEILING_MS, durationMs),
      settleMs,
      processes,
      cores,
    });
    const reports = new Map<Step, WorkloadReport>();
    const [starts, idle, after] = [figures(), figures(), figures()];
    for (const [setup, steps] of Map.groupBy(options.steps, ({ setup: own }) => own)) {
      const servers = await startAll(setup, steps, options);
      try {
        for (const step of steps) reports.set(step, await runStep(pool, step, servers, options));
        noteMemory(servers, after);
      } finally {
        await Promise.all([...servers.values()].map((server) => server.close()));
      }
      const again = JUDGED.filter((name) => servers.has(name));
      if (starts.ours.length === 0) await startAgain(again, { ...options, setup }, starts, idle);
    }
    return {
      ceiling,
      steps: options.steps.map((step) => judgeStep(step, reports)),
      limits: [
        judgeFigures(LIMITS.start, starts),
        judgeFigures(LIMITS.idle, idle),
        // What it has grown to under any setup is what counts here, not its best.
        judgeFigures(LIMITS.after, {
          ours: [Math.max(...after.ours)],
          distribution: [Math.max(...after.distribution)],
        }),
      ],
    };
  } finally {
    await pool.close();
  }
}

type Servers = ReadonlyMap<ServerName, Running>;

async function startAll(setup: Setup, steps: readonly Step[], options: GoalsOptions): Promise<Servers> {
  const wanted = new Set<ServerName>(['ours', ...steps.flatMap((step) => step.with)]);
  const servers = new Map<ServerName, Running>();
  for (const name of SERVERS) {
    if (wanted.has(name)) servers.set(name, await startServer(name, { ...options, setup }));
  }
  return servers;
}

async function runStep(pool: Pool, step: Step, servers: Servers, options: GoalsOptions): Promise<WorkloadReport> {
  const workload = WORKLOADS.find(({ name }) => name === step.workload);
  if (!workload) throw new RangeError(`there is no workload ${step.workload}`);
  const chosen = [...servers]
    .filter(([name]) => name === 'ours' || step.with.includes(name))
    .map(([, server]) => server);
  const report = await compareTargets(
    pool,
    { ...workload, name: step.name },
    chosen.map(({ target }) => target),
    {
      ...options,
      connections: step.connections,
      newConnections: false,
      cores: availableParallelism(),
      prefix: 'octobench',
      run: `${Date.now().toString(36)}-${step.workload}`,
      scale: { largeBytes: options.largeBytes, tags: options.tags },
      async afterRound(target) {
        const server = chosen.find((one) => one.target === target);
        if (server && step.setup.clearsUploads) await removeLargeFiles(server.folder, LARGE_FILE_BYTES);
      },
    },
  );
  return report;
}

function noteMemory(servers: Servers, to: Figures): void {
  for (const name of JUDGED) {
    const rssBytes = usageOf(servers.get(name)?.target.pid)?.rssBytes;
    if (rssBytes !== undefined) to[name].push(rssBytes / 1e6);
  }
}

/** Starts servers on what the steps left there, several times, and looks at them at rest. */
async function startAgain(
  names: readonly (typeof JUDGED)[number][],
  options: GoalsOptions & { readonly setup: Setup },
  starts: Figures,
  idle: Figures,
): Promise<void> {
  for (let count = 0; count < STARTS; count += 1) {
    for (const name of names) {
      options.onStep(`starting: ${name}, ${count + 1} of ${STARTS}`);
      const server = await startServer(name, options);
      starts[name].push(server.startMs ?? Number.NaN);
      await settle([server.target.pid], options.settleMs);
      noteMemory(new Map([[name, server]]), idle);
      await server.close();
    }
  }
}

function judgeFigures(limit: JudgedLimit['limit'], { ours, distribution }: Figures): JudgedLimit {
  return { limit, ours, distribution, verdict: judgeLimit(limit.limit, ours) };
}

function judgeStep(step: Step, reports: ReadonlyMap<Step, WorkloadReport>): JudgedStep {
  const report = reports.get(step);
  if (!report) throw new RangeError(`${step.name} was not run`);
  const find = (name: ServerName, from = report): TargetReport | undefined =>
    from.targets.find((target) => target.name === name);
  const [ours, distribution] = [find('ours'), find('distribution')];
  const { goal } = step;
  if (!goal || !ours || !distribution) return { step, report, verdict: undefined };
  const beyond = goal.kind === 'within' ? [...reports].find(([{ name }]) => name === goal.beyond)?.[1] : undefined;
  const verdict = judge(goal, {
    ours: ours.rounds,
    distribution: distribution.rounds,
    bare: find('bare node')?.rounds,
    oursMs: ours.mediansMs,
    beyondMs: beyond && find('ours', beyond)?.mediansMs,
  });
  return { step, report, verdict };
}
