import { UsageError } from '../../internal/cli/index.ts';
import { parseDuration } from '../../internal/config/index.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** When something ends: a date, a time, or how long from now. */
export function parseExpiry(text: string, nowMs: number): number {
  const [, days] = /^(\d{1,5})d$/.exec(text) ?? [];
  if (days !== undefined) return nowMs + Number(days) * DAY_MS;
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(Date.parse(text))) return Date.parse(text);
  const ms = parseDuration(text);
  if (typeof ms !== 'number') throw new UsageError(`${text} is no time: write 90d, 12h or 2027-01-31`);
  return nowMs + ms;
}
