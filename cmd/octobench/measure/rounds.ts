import type { Pool, Round, SharedLoad } from '../generator/pool.ts';
import { machineBusy, machineTicks, usageOf } from './processes.ts';
import { settle } from './settle.ts';
import type { Target } from './target.ts';

/** One round of one target. */
export interface Measured extends Round {
  /** Processor time until the target was idle again, so that what it puts off counts as well. */
  readonly cpuSeconds: number | undefined;
  /** At the end of the round. */
  readonly rssBytes: number | undefined;
}

export interface RoundOptions {
  readonly rounds: number;
  readonly durationMs: number;
  /** Before what counts: code gets compiled, caches fill. */
  readonly warmupMs: number;
  /** How long the machine is given to come to rest after a round. */
  readonly settleMs: number;
  readonly connections: number;
  readonly operationLimit: number | undefined;
  readonly newConnections: boolean;
  /** How many processes make load; undefined: as many as it takes. */
  readonly processes: number | undefined;
  /** The most that it may take. */
  readonly cores: number;
  /** Told of each round as it begins. */
  readonly onRound: (target: Target, round: number) => void;
  /** Called after each round, before the machine is waited for. */
  readonly afterRound: (target: Target) => Promise<void>;
}

/** What one target is to do. */
export interface Assignment {
  readonly target: Target;
  readonly work: SharedLoad['work'];
}

/** A generator busier than this may be what was measured. */
export const TOO_BUSY = 0.9;
/** Processors busier than this have nothing left for another generator. */
const FULL = 0.8;

/** Whether another generator process would be a help: this one is at its limit, and the machine is not. */
export function needsMore(busy: number, machine: number, processes: number, cores: number): boolean {
  return busy > TOO_BUSY && machine < FULL && processes < cores;
}

/** The targets' order in a round: there and back, beginning with another one each time, so that none has the better place. */
export function orderOf<T>(targets: readonly T[], round: number): readonly T[] {
  const first = Math.floor(round / 2) % targets.length;
  const turned = [...targets.slice(first), ...targets.slice(0, first)];
  return round % 2 === 0 ? turned : turned.toReversed();
}

/** The rounds of each target in order, and why some have none: their first operation failed. */
export interface Rounds {
  readonly measured: ReadonlyMap<Target, readonly Measured[]>;
  readonly skipped: ReadonlyMap<Target, string>;
}

/** Runs the rounds of several targets in turn, so that what the machine does meanwhile meets all of them. */
export async function runRounds(
  pool: Pool,
  assignments: readonly Assignment[],
  options: RoundOptions,
): Promise<Rounds> {
  const { rounds, durationMs, warmupMs, connections, operationLimit, newConnections, cores } = options;
  const pids = assignments.map(({ target }) => target.pid);
  const measured = new Map<Target, Measured[]>();
  const skipped = new Map<Target, string>();
  let processes = options.processes ?? 1;

  const load = ({ target, work }: Assignment, label: string, forMs: number): SharedLoad => ({
    site: target.site,
    work,
    connections,
    durationMs: forMs,
    operationLimit,
    newConnections,
    label,
  });

  async function warmUp(assignment: Assignment): Promise<void> {
    for (;;) {
      const before = machineTicks();
      const { busy, operations, errors } = await pool.run(load(assignment, `w${processes}-`, warmupMs), processes);
      if (operations === 0) return void skipped.set(assignment.target, Object.keys(errors).join('; '));
      const machine = machineBusy(before, machineTicks());
      if (options.processes !== undefined || !needsMore(busy, machine, processes, cores)) break;
      processes += 1;
    }
    measured.set(assignment.target, []);
    await options.afterRound(assignment.target);
    await settle(pids, options.settleMs);
  }

  async function measure(assignment: Assignment, round: number): Promise<Measured> {
    const { target } = assignment;
    options.onRound(target, round);
    const before = usageOf(target.pid);
    const result = await pool.run(load(assignment, `r${round}-`, durationMs), processes);
    const rssBytes = usageOf(target.pid)?.rssBytes;
    await options.afterRound(target);
    await settle(pids, options.settleMs);
    const after = usageOf(target.pid);
    return { ...result, cpuSeconds: before && after && after.cpuSeconds - before.cpuSeconds, rssBytes };
  }

  for (const assignment of assignments) await warmUp(assignment);
  const able = assignments.filter(({ target }) => measured.has(target));
  for (let round = 0; round < rounds; round += 1) {
    for (const assignment of orderOf(able, round)) {
      measured.get(assignment.target)?.push(await measure(assignment, round));
    }
  }
  return { measured, skipped };
}
