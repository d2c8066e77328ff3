import type { Digest } from '../../pkg/oci/index.ts';

/** What was looked at a moment ago and found right. */
export interface RecentLooks {
  has(digest: Digest): boolean;
  note(digest: Digest): void;
}

/** For so long a look counts: as long as a URL that was given out. */
const FRESH_MS = 60_000;
/** So many are remembered. */
const REMEMBERED = 10_000;

/** Keeps content that many ask for from being looked at for each of them. `ticks`: milliseconds, monotonic. */
export function createRecentLooks(ticks: () => number): RecentLooks {
  const looks = new Map<Digest, number>(); // oldest first
  return {
    has(digest) {
      const atTicks = looks.get(digest);
      return atTicks !== undefined && ticks() - atTicks < FRESH_MS;
    },
    note(digest) {
      looks.delete(digest);
      looks.set(digest, ticks());
      if (looks.size <= REMEMBERED) return;
      const [oldest] = looks.keys();
      if (oldest) looks.delete(oldest);
    },
  };
}
