/** Values of up to this many binary digits are counted one by one, larger ones in buckets of a sixty-fourth of their size. */
const EXACT_BITS = 6;
const EXACT = 2 ** EXACT_BITS;
const MAX_MICROSECONDS = 2 ** 31 - 1;
const BUCKETS = (31 - EXACT_BITS + 1) * EXACT;

function bucketOf(microseconds: number): number {
  const value = Math.min(Math.max(0, Math.round(microseconds)), MAX_MICROSECONDS);
  if (value < EXACT) return value;
  const shift = 31 - Math.clz32(value) - EXACT_BITS;
  return (shift + 1) * EXACT + (value >> shift) - EXACT;
}

/** The middle of a bucket. */
function valueOf(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const shift = Math.floor(bucket / EXACT) - 1;
  const width = 2 ** shift;
  return ((bucket % EXACT) + EXACT) * width + (width - 1) / 2;
}

/**
 * Any number of durations in a few kilobytes, each to within one part in sixty-four; histograms of several processes
 * add up to what one would have counted.
 */
export class Histogram {
  readonly #counts: Float64Array;
  #total = 0;

  /** From the counts of another. */
  constructor(counts: Float64Array = new Float64Array(BUCKETS)) {
    this.#counts = counts;
    for (const count of counts) this.#total += count;
  }

  get total(): number {
    return this.#total;
  }

  /** All there is to it, fit for a message to another process. */
  get counts(): Float64Array {
    return this.#counts;
  }

  record(milliseconds: number): void {
    const bucket = bucketOf(milliseconds * 1000);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total += 1;
  }

  add(other: Histogram): void {
    for (const [bucket, count] of other.counts.entries()) {
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
    }
    this.#total += other.total;
  }

  /** Milliseconds that this part of all (0 to 1) took at most; 0 where nothing was recorded. */
  quantile(part: number): number {
    const rank = Math.max(1, Math.ceil(part * this.#total));
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (seen >= rank) return valueOf(bucket) / 1000;
    }
    return 0;
  }
}
