import { parseDuration } from '../../internal/config/index.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A moment, or how long ago it was: `2026-01-31`, `2026-01-31T10:00Z`, `90m`, `7d`. A day begins in UTC. */
export function findTime(text: string, nowMs: number): number | undefined {
  const days = /^(\d+)d$/.exec(text)?.[1];
  const agoMs = days === undefined ? parseDuration(text) : Number(days) * DAY_MS;
  if (agoMs !== undefined) return Math.max(0, nowMs - agoMs);
  const ms = /^\d{4}-\d{2}-\d{2}(?:T|$)/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
