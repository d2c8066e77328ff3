import type { Measured } from '../measure/rounds.ts';
import type { Ceiling } from '../measure/ceiling.ts';
import { Histogram } from '../statistics/histogram.ts';
import { ratioOf, spreadOf, type Spread } from '../statistics/spread.ts';

/** What one target came to in one workload. */
export interface TargetReport {
  readonly name: string;
  readonly url: string;
  /** By the second: operations, or bytes. */
  readonly rate: Spread;
  /** The rate of each round, and the median time of its operations. */
  readonly rounds: readonly number[];
  readonly mediansMs: readonly number[];
  /** Milliseconds, over all rounds. */
  readonly latency: Readonly<{ p50: number; p90: number; p99: number }>;
  readonly operations: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** Milliseconds of processor time for each operation, what was put off included. */
  readonly cpuMs: Spread | undefined;
  /** The most resident memory at the end of a round. */
  readonly rssBytes: number | undefined;
  /** How busy the busiest generator was: near 1, it is the generator that was measured. */
  readonly busy: number;
}

export interface RatioReport {
  readonly of: string;
  readonly to: string;
  /** Of their rates: above 1, the one is faster than the other. */
  readonly ratio: Spread;
}

export interface WorkloadReport {
  readonly name: string;
  readonly doc: string;
  readonly counts: 'operations' | 'bytes';
  readonly connections: number;
  readonly targets: readonly TargetReport[];
  /** Targets that were left out of it, and why. */
  readonly skipped: Readonly<Record<string, string>>;
  readonly ratios: readonly RatioReport[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
}

/** All that a run found out. */
export interface Report {
  readonly program: string;
  readonly version: string;
  readonly startedAt: string;
  readonly machine: Machine;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly ceiling: Ceiling;
  readonly workloads: readonly WorkloadReport[];
}

/** By the second. */
export function rateOf({ operations, receivedBytes, sentBytes, elapsedMs }: Measured, counts: string): number {
  const what = counts === 'bytes' ? receivedBytes + sentBytes : operations;
  return elapsedMs > 0 ? (what / elapsedMs) * 1000 : 0;
}

function addUp(
  rounds: readonly Measured[],
): Pick<TargetReport, 'operations' | 'errors' | 'receivedBytes' | 'sentBytes'> {
  const errors: Record<string, number> = {};
  let [operations, receivedBytes, sentBytes] = [0, 0, 0];
  for (const round of rounds) {
    operations += round.operations;
    receivedBytes += round.receivedBytes;
    sentBytes += round.sentBytes;
    for (const [what, count] of Object.entries(round.errors)) errors[what] = (errors[what] ?? 0) + count;
  }
  return { operations, receivedBytes, sentBytes, errors };
}

/** What the rounds of one target say. */
export function reportTarget(
  { name, url }: { readonly name: string; readonly url: string },
  counts: WorkloadReport['counts'],
  rounds: readonly Measured[],
): TargetReport {
  const latency = new Histogram();
  for (const round of rounds) latency.add(round.latency);
  const rates = rounds.map((round) => rateOf(round, counts));
  const cpu = rounds.flatMap(({ cpuSeconds, operations }) =>
    cpuSeconds === undefined || operations === 0 ? [] : [(cpuSeconds * 1000) / operations],
  );
  const rss = rounds.flatMap(({ rssBytes }) => rssBytes ?? []);
  return {
    name,
    url,
    rate: spreadOf(rates),
    rounds: rates,
    mediansMs: rounds.map((round) => round.latency.quantile(0.5)),
    latency: { p50: latency.quantile(0.5), p90: latency.quantile(0.9), p99: latency.quantile(0.99) },
    ...addUp(rounds),
    cpuMs: cpu.length === 0 ? undefined : spreadOf(cpu),
    rssBytes: rss.length === 0 ? undefined : Math.max(...rss),
    busy: Math.max(0, ...rounds.map(({ busy }) => busy)),
  };
}

/** How each target compares with the last one. */
export function ratiosOf(targets: readonly TargetReport[]): readonly RatioReport[] {
  const base = targets.at(-1);
  if (!base) return [];
  return targets
    .slice(0, -1)
    .map(({ name, rounds }) => ({ of: name, to: base.name, ratio: ratioOf(rounds, base.rounds) }));
}

/** Whether everything that was asked was answered as it should be. */
export function errorCount({ workloads }: Pick<Report, 'workloads'>): number {
  const all = workloads.flatMap(({ targets }) => targets.flatMap(({ errors }) => Object.values(errors)));
  return all.reduce((sum, count) => sum + count, 0);
}
