import { spreadOf, type Spread } from '../statistics/spread.ts';
import type { Goal } from './types.ts';

/** What the rounds of one step came to, round by round. */
export interface Facts {
  /** Rates by the second. */
  readonly ours: readonly number[];
  readonly distribution: readonly number[];
  readonly bare: readonly number[] | undefined;
  /** Median times of an operation, and of what they are compared with. */
  readonly oursMs: readonly number[];
  readonly beyondMs: readonly number[] | undefined;
}

/** `met`: by the median; `close`: missed by no more than the measured spread. */
export type Outcome = 'met' | 'close' | 'missed';

export interface Verdict {
  readonly outcome: Outcome;
  /** What was reached, as a part of what had to be: 1 and more is enough. */
  readonly score: Spread;
  /** Whether it was the bare server that set the bar, the goal being out of Node's reach here. */
  readonly isBarred: boolean;
}

/** So much of what a bare server reaches is asked for where the goal is more than that. */
export const BARE_PART = 0.9;

function verdictOf(scores: readonly number[], isBarred: boolean): Verdict {
  const score = spreadOf(scores);
  if (score.middle >= 1) return { outcome: 'met', score, isBarred };
  return { outcome: score.high >= 1 ? 'close' : 'missed', score, isBarred };
}

/** Judges a step by its rounds, each against what stood beside it in the same round. */
export function judge(goal: Goal, { ours, distribution, bare, oursMs, beyondMs }: Facts): Verdict {
  if (goal.kind === 'within') {
    const times = oursMs.map((ms, round) => Math.max(0.001, ms - (beyondMs?.[round] ?? 0)));
    return verdictOf(
      times.map((ms) => goal.limitMs / ms),
      false,
    );
  }
  const goals = distribution.map((rate) => rate * goal.factor);
  const bars = goals.map((_, round) => (bare?.[round] ?? Number.POSITIVE_INFINITY) * BARE_PART);
  const scores = ours.map((rate, round) => rate / Math.min(goals[round] ?? Number.NaN, bars[round] ?? Number.NaN));
  const barred = goals.filter((rate, round) => (bars[round] ?? 0) < rate).length;
  return verdictOf(scores, barred > goals.length / 2);
}

/** Judges a single figure: the smallest of several tries, since what disturbs only makes them larger. */
export function judgeLimit(limit: number, tries: readonly number[]): Verdict {
  return verdictOf([limit / Math.min(...tries)], false);
}
