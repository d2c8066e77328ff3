/** The first retry comes after so long, each further one after twice the time before. */
const FIRST_RETRY_MS = 1000;
/** Retries come at least this often, or as often as the job itself. */
const LONGEST_RETRY_MS = 60_000;

/** When to run next, after `failures` runs in a row that failed; `random` (0 to 1) keeps replicas from keeping step. */
export function planDelay(intervalMs: number, failures: number, random: number): number {
  const spread = 0.9 + 0.2 * random;
  if (failures === 0) return intervalMs * spread;
  return Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), Math.max(intervalMs, LONGEST_RETRY_MS)) * spread;
}
