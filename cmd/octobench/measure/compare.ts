import { createClient } from '../../../pkg/client/index.ts';
import type { Pool } from '../generator/pool.ts';
import { ratiosOf, reportTarget, type WorkloadReport } from '../report/report.ts';
import type { Scale } from '../workloads/fixtures.ts';
import { prepareFixture } from '../workloads/prepare.ts';
import type { Workload } from '../workloads/table.ts';
import { runRounds, type Assignment, type RoundOptions } from './rounds.ts';
import type { Target } from './target.ts';

export interface CompareOptions extends Omit<RoundOptions, 'connections' | 'operationLimit' | 'onRound'> {
  /** In place of each workload's own. */
  readonly connections: number | undefined;
  readonly prefix: string;
  readonly run: string;
  readonly scale: Scale;
  /** Told what is being done. */
  readonly onStep: (text: string) => void;
}

/** Measures one workload on several targets, in interleaved rounds; ratios are to the last one. */
export async function compareTargets(
  pool: Pool,
  workload: Workload,
  targets: readonly Target[],
  options: CompareOptions,
): Promise<WorkloadReport> {
  const { prefix, run, scale, onStep } = options;
  const { name, doc, counts, operationLimit } = workload;
  const connections = options.connections ?? workload.connections;
  const skipped: Record<string, string> = {};
  const { fixtures, work } = workload.plan({ prefix, run: `${run}-${name}`, scale });

  async function prepare(target: Target): Promise<Assignment[]> {
    onStep(`${name}: preparing ${target.name}`);
    const { url, credentials, authHosts } = target.site;
    const client = createClient({ url, authHosts, ...(credentials && { credentials }) });
    try {
      for (const fixture of fixtures) await prepareFixture(client, fixture);
      return [{ target, work }];
    } catch (error) {
      skipped[target.name] = error instanceof Error ? error.message : String(error);
      return [];
    }
  }

  const assignments: Assignment[] = [];
  for (const target of targets) assignments.push(...(await prepare(target)));
  const rounds = await runRounds(pool, assignments, {
    ...options,
    connections,
    operationLimit,
    onRound: (target, round) => onStep(`${name}: round ${round + 1} of ${options.rounds}, ${target.name}`),
  });
  for (const [target, reason] of rounds.skipped) skipped[target.name] = reason;
  const reports = targets.flatMap((target) => {
    const measured = rounds.measured.get(target);
    return measured ? [reportTarget({ name: target.name, url: target.site.url }, counts, measured)] : [];
  });
  return { name, doc, counts, connections, targets: reports, skipped, ratios: ratiosOf(reports) };
}
