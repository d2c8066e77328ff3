import type { RunRow } from '../catalog/index.ts';
import type { Tally } from './collect.ts';

/** Who asked for a run. */
export type Trigger = 'schedule' | 'admin' | 'command';

/** A run of the collector, going on or over. Times are milliseconds since 1970. */
export interface GcRun {
  readonly id: string;
  readonly trigger: Trigger;
  readonly startedMs: number;
  readonly finishedMs: number | undefined;
  /** Its last sign of life. */
  readonly aliveMs: number;
  readonly dryRun: boolean;
  /** Whether it looked at all repositories: only then is the next one due an interval later. */
  readonly isWhole: boolean;
  readonly tally: Tally;
  /** Why it broke off. */
  readonly error: string | undefined;
}

/** A run that has not been heard of for so long is over, however it ended. */
const SILENCE_MS = 60_000;

export const NOTHING: Tally = { foundBlobs: 0, foundBytes: 0, deletedBlobs: 0, deletedBytes: 0, stuck: 0 };

export function isRunning({ finishedMs, aliveMs }: GcRun, nowMs: number): boolean {
  return finishedMs === undefined && aliveMs > nowMs - SILENCE_MS;
}

export function toRow({ id, startedMs, finishedMs, ...report }: GcRun): RunRow {
  return { id, startedMs, finishedMs, report: JSON.stringify(report) };
}

/** A row that this program wrote: what it says is taken as it is. */
export function parseRow({ id, startedMs, finishedMs, report }: RunRow): GcRun {
  const told = JSON.parse(report) as Omit<GcRun, 'id' | 'startedMs' | 'finishedMs'>;
  return { ...told, error: told.error, id, startedMs, finishedMs };
}

/** When the next scheduled run is due: at once where there never was a whole one that came to its end. */
export function nextRunMs(runs: readonly GcRun[], intervalMs: number): number {
  const last = runs.find(
    ({ finishedMs, error, dryRun, isWhole }) => finishedMs !== undefined && error === undefined && !dryRun && isWhole,
  );
  return (last?.finishedMs ?? -intervalMs) + intervalMs;
}
