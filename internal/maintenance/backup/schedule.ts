import { parseDuration } from '../../config/index.ts';

/** When backups are made: so often, or every day at a time (UTC). */
export type Schedule = Readonly<{ kind: 'every'; ms: number }> | Readonly<{ kind: 'daily'; atMs: number }>;

const DAY_MS = 24 * 3_600_000;
const DAILY = /^(?:daily at )?([01]\d|2[0-3]):([0-5]\d)$/;
const LEAST_MS = 60_000;
/** After an attempt that failed the next one comes so much later, however soon a backup is due. */
const AGAIN_MS = 10 * 60_000;

/** Reads `24h`, `daily at 03:00` or `03:00`; undefined where it is none of these. */
export function parseSchedule(text: string): Schedule | undefined {
  const [, hours, minutes] = DAILY.exec(text) ?? [];
  if (hours !== undefined) return { kind: 'daily', atMs: (Number(hours) * 60 + Number(minutes)) * 60_000 };
  const ms = parseDuration(text);
  return ms === undefined || ms < LEAST_MS ? undefined : { kind: 'every', ms };
}

/** Cursors that follow the clock, not the log: when the last good backup was begun, and when one was tried last. */
export const GOOD_CURSOR = 'backup';
export const TRIED_CURSOR = 'backup-tried';

/** Times are milliseconds since 1970; 0 where there was none. */
export interface Past {
  /** When the last good backup was begun. */
  readonly goodMs: number;
  /** When one was begun last. */
  readonly triedMs: number;
}

/** When the next backup is due: at once where there was never a good one, and soon again where one failed. */
export function nextBackupMs(schedule: Schedule, { goodMs, triedMs }: Past): number {
  const dueMs = goodMs === 0 ? 0 : afterGood(schedule, goodMs);
  return triedMs > goodMs ? Math.max(dueMs, triedMs + AGAIN_MS) : dueMs;
}

function afterGood(schedule: Schedule, goodMs: number): number {
  if (schedule.kind === 'every') return goodMs + schedule.ms;
  const todayMs = Math.floor(goodMs / DAY_MS) * DAY_MS + schedule.atMs;
  return todayMs > goodMs ? todayMs : todayMs + DAY_MS;
}
