import type { Digest } from '../../../pkg/oci/index.ts';
import type { RunRow } from '../../catalog/index.ts';
import type { ScrubTally } from './types.ts';

/** Who asked for a pass. */
export type ScrubTrigger = 'schedule' | 'admin' | 'command';

/** A pass over all content, going on, cut short or over. Times are milliseconds since 1970. */
export interface ScrubRun {
  readonly id: string;
  readonly trigger: ScrubTrigger;
  readonly startedMs: number;
  /** When it came to its end; until then it goes on where it stood. */
  readonly finishedMs: number | undefined;
  /** Its last sign of life. */
  readonly aliveMs: number;
  /** Whether somebody is at it, as far as that was noted. */
  readonly isUnderWay: boolean;
  /** Only what came since then; undefined where it is all content. */
  readonly sinceMs: number | undefined;
  /** Up to here all was looked at. */
  readonly after: Digest | undefined;
  readonly tally: ScrubTally;
  /** Why it broke off the last time. */
  readonly error: string | undefined;
}

/** A pass that has not been heard of for so long was cut short, however that came about. */
const SILENCE_MS = 60_000;

export function isRunning({ isUnderWay, aliveMs }: ScrubRun, nowMs: number): boolean {
  return isUnderWay && aliveMs > nowMs - SILENCE_MS;
}

export function toRow({ id, startedMs, finishedMs, ...report }: ScrubRun): RunRow {
  return { id, startedMs, finishedMs, report: JSON.stringify(report) };
}

/** A row that this program wrote: what it says is taken as it is. */
export function parseRow({ id, startedMs, finishedMs, report }: RunRow): ScrubRun {
  const told = JSON.parse(report) as Omit<ScrubRun, 'id' | 'startedMs' | 'finishedMs'>;
  const { sinceMs, after, error } = told; // undefined goes unwritten
  return { ...told, sinceMs, after, error, id, startedMs, finishedMs };
}

/** The pass over all content that was not brought to its end, where that is the last one: to be gone on with. */
export function findUnfinished(runs: readonly ScrubRun[]): ScrubRun | undefined {
  const last = runs.find(({ sinceMs }) => sinceMs === undefined);
  return last?.finishedMs === undefined ? last : undefined;
}

/** When the next pass over all content is due: at once where one was cut short, or never came to its end. */
export function nextPassMs(runs: readonly ScrubRun[], intervalMs: number): number {
  if (findUnfinished(runs)) return 0;
  const last = runs.find(({ sinceMs, finishedMs }) => sinceMs === undefined && finishedMs !== undefined);
  return (last?.finishedMs ?? -intervalMs) + intervalMs;
}

/** How far a pass over all content has come, from 0 to 1: digests are spread evenly. */
export function shareDone({ after, finishedMs }: Pick<ScrubRun, 'after' | 'finishedMs'>): number {
  if (finishedMs !== undefined) return 1;
  const beginning = after === undefined ? '' : after.slice(after.indexOf(':') + 1, after.indexOf(':') + 9);
  return beginning === '' ? 0 : Number.parseInt(beginning, 16) / 2 ** 32;
}
