import { encodedOf, type Digest } from '../../pkg/oci/index.ts';

/**
 * A deletion that was begun so long ago was given up: another may take it over. Whoever began it removes content only in
 * the first half of this time, so that no removal is under way any more when somebody else decides (clocks that differ
 * by less than the other half do no harm).
 */
export const TAKEOVER_MS = 60_000;

/** The part of the catalog's deletions among which that of a blob is counted (`gc_shards`). */
export function shardOf(digest: Digest): number {
  return Number.parseInt(encodedOf(digest).slice(0, 2), 16);
}
