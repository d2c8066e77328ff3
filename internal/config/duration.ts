// Nanoseconds would be exact, but options are milliseconds: whole, and never 0 for what is not 0.
const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const TERM = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;
const MAX_MS = 292 * 365 * 24 * 3_600_000; // what Go's own durations hold, more or less

/** `1m30s` (Go syntax) to milliseconds; undefined where it is no duration. Fractions of a millisecond count as one. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  let ms = 0;
  let end = 0;
  while (end < text.length) {
    TERM.lastIndex = end;
    const term = TERM.exec(text);
    if (!term) return undefined;
    ms += Number(term[1]) * (UNIT_MS[term[2] ?? ''] ?? Number.NaN);
    end = TERM.lastIndex;
  }
  return end === 0 || ms > MAX_MS ? undefined : Math.ceil(Math.round(ms * 1e6) / 1e6);
}

/** Milliseconds as Go prints a duration: `2m0s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return ms === 0 ? '0s' : `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = (ms % 60_000) / 1000;
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}s`;
}
