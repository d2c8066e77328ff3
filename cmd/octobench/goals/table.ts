import { formatNumber, formatRate, formatRatio, formatTime } from '../report/format.ts';
import type { GoalsResult, JudgedLimit, JudgedStep } from './run.ts';
import { SERVERS, type Goal } from './types.ts';
import { BARE_PART, type Verdict } from './verdict.ts';

const WORDS = { met: 'met', close: 'within the spread', missed: 'MISSED' } as const;

function goalText(goal: Goal | undefined, isBarred: boolean): string {
  if (!goal) return '';
  if (goal.kind === 'within')
    return `${formatTime(goal.limitMs)}${goal.beyond === undefined ? '' : ' beyond an empty one'}`;
  const times = `${formatNumber(goal.factor)} x distribution`;
  return isBarred ? `${BARE_PART} of bare node (${times})` : times;
}

function verdictText(verdict: Verdict | undefined): string {
  if (!verdict) return '';
  return `${WORDS[verdict.outcome]}, ${formatRatio(verdict.score)} of it`;
}

function stepRow({ step, report, verdict }: JudgedStep): readonly string[] {
  const byTime = step.goal?.kind === 'within' || step.connections === 1;
  const cells = SERVERS.map((name) => {
    const target = report.targets.find((one) => one.name === name);
    if (!target) return name in report.skipped ? 'cannot' : '';
    return byTime ? formatTime(target.latency.p50) : formatRate(target.rate.middle, report.counts);
  });
  const ratio = report.ratios.find(({ of }) => of === 'ours')?.ratio;
  const goal = goalText(step.goal, verdict?.isBarred ?? false);
  return [step.name, ...cells, ratio && !byTime ? formatRatio(ratio) : '', goal, verdictText(verdict)];
}

function limitRow({ limit, ours, distribution, verdict }: JudgedLimit): readonly string[] {
  const text = (tries: readonly number[]): string =>
    tries.length > 0 ? `${formatNumber(Math.min(...tries))} ${limit.unit}` : '';
  const goal = `${formatNumber(limit.limit)} ${limit.unit}`;
  const tries = { ours, distribution } as const;
  const cells = SERVERS.map((name) => (name in tries ? text(tries[name as keyof typeof tries]) : ''));
  return [limit.name, ...cells, '', goal, verdictText(verdict)];
}

export const GOAL_HEADINGS: readonly string[] = ['step', ...SERVERS, 'to distribution', 'goal', 'outcome'];

/** The table of what was to be shown, and what was. */
export function goalRows({ steps, limits }: GoalsResult): readonly (readonly string[])[] {
  return [...steps.map(stepRow), ...limits.map(limitRow)];
}

/** How many goals were missed by more than the spread; a step that could not be run is one. */
export function missedCount({ steps, limits }: GoalsResult): number {
  const missed = (verdict: Verdict | undefined): boolean => verdict?.outcome === 'missed';
  const stepsMissed = steps.filter(({ step, verdict }) => step.goal && (!verdict || missed(verdict)));
  return stepsMissed.length + limits.filter(({ verdict }) => missed(verdict)).length;
}
