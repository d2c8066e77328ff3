import { PRODUCT_VERSION } from '../../../internal/cli/index.ts';
import type { RoundFlags } from '../commands/flags.ts';
import { describeMachine } from '../measure/machine.ts';
import { DISTRIBUTION_VERSION } from '../peers/distribution.ts';
import type { Report } from '../report/report.ts';
import type { GoalsResult } from './run.ts';

/** The run as a report like any other, the steps in place of workloads. */
export function reportGoals({ ceiling, steps }: GoalsResult, startedAt: Date, flags: RoundFlags): Report {
  const { processes, ...settings } = flags;
  return {
    program: 'octobench goals',
    version: PRODUCT_VERSION,
    startedAt: startedAt.toISOString(),
    machine: describeMachine(),
    settings: { ...settings, ...(processes !== undefined && { processes }), distribution: DISTRIBUTION_VERSION },
    ceiling,
    workloads: steps.map(({ report }) => report),
  };
}

/** The goals and how they were met, for programs. */
export function goalFigures({ steps, limits }: GoalsResult): readonly object[] {
  return [
    ...steps.flatMap(({ step, verdict }) => (step.goal ? [{ name: step.name, goal: step.goal, ...verdict }] : [])),
    ...limits.map(({ limit, ours, distribution, verdict }) => ({ ...limit, ours, distribution, ...verdict })),
  ];
}
