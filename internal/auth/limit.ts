import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as Flexible from 'rate-limiter-flexible';

// The package's own entry loads its clients of a dozen databases, 8 MiB of memory, beside these two.
const load = createRequire(import.meta.url);
const RateLimiterMemory = load('rate-limiter-flexible/lib/RateLimiterMemory.js') as typeof Flexible.RateLimiterMemory;
const RateLimiterRes = load('rate-limiter-flexible/lib/RateLimiterRes.js') as typeof Flexible.RateLimiterRes;

/** How often one source may do something. */
export interface Limit {
  /** Counts one. How long to wait, in milliseconds, where that was one too many; else 0. */
  take(key: string): Promise<number>;
  /** Takes back one that was counted: it cost nothing after all. */
  forgive(key: string): Promise<void>;
  /** What was counted of the key, how many more may come, and in how many milliseconds it is forgotten. */
  used(key: string): Promise<Used>;
}

export interface Used {
  readonly count: number;
  readonly left: number;
  readonly endsInMs: number;
}

/** The side of a limit that other processes have a part in. */
export interface SharedLimit extends Limit {
  readonly name: string;
  readonly points: number;
  readonly windowMs: number;
  /** What was counted here since this was last asked, by key. */
  takeNews(): ReadonlyMap<string, number>;
  /** Counts what came to others. */
  learn(key: string, count: number): Promise<void>;
}

export interface LimitOptions {
  readonly name: string;
  /** So many of a key in a window, which begins with the first of them; 0: any number. */
  readonly points: number;
  readonly windowMs: number;
  /** Whether anybody asks for the news. */
  readonly isShared: boolean;
  /** Keys that are told apart at a time. Further ones pass: a limit is against the few that do much. */
  readonly mostKeys?: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

const COUNT_AGAIN_MS = 1000;
const MOST_KEYS = 50_000;
/** Of a longer key only a hash is kept: clients make some of them up. */
const LONGEST_KEY = 128;

export function createLimit(options: LimitOptions): SharedLimit {
  const { name, points, windowMs, isShared, mostKeys = MOST_KEYS, clock } = options;
  const limiter = new RateLimiterMemory({ points, duration: windowMs / 1000, keyPrefix: '' });
  let news = new Map<string, number>();
  // The store tells how many keys it holds only by listing them: it is asked when it may be full, now and then.
  let keys = 0;
  let countedMs = 0;

  const short = (key: string): string =>
    key.length <= LONGEST_KEY ? key : createHash('sha256').update(key).digest('base64url');

  async function hasRoomFor(key: string): Promise<boolean> {
    if (keys < mostKeys || (await limiter.get(key))) return true;
    if (clock() - countedMs < COUNT_AGAIN_MS) return false;
    countedMs = clock();
    keys = limiter.dump().storage.length;
    return keys < mostKeys;
  }

  return {
    name,
    points,
    windowMs,
    async take(text) {
      const key = short(text);
      if (points === 0 || !(await hasRoomFor(key))) return 0;
      try {
        const { isFirstInDuration } = await limiter.consume(key);
        if (isFirstInDuration) keys += 1;
        if (isShared) news.set(key, (news.get(key) ?? 0) + 1);
        return 0;
      } catch (over) {
        if (!(over instanceof RateLimiterRes)) throw over;
        await limiter.reward(key); // what did not pass does not count
        return Math.max(1, over.msBeforeNext);
      }
    },
    async forgive(text) {
      const key = short(text);
      if (points === 0 || !(await limiter.get(key))) return;
      await limiter.reward(key);
      // Of what others were told already they are told nothing more.
      const told = news.get(key) ?? 0;
      if (told > 0) news.set(key, told - 1);
    },
    async used(key) {
      const found = await limiter.get(short(key));
      if (points === 0 || !found || found.msBeforeNext <= 0) return { count: 0, left: Infinity, endsInMs: 0 };
      return { count: found.consumedPoints, left: found.remainingPoints, endsInMs: found.msBeforeNext };
    },
    takeNews() {
      const taken = news;
      news = new Map();
      return taken;
    },
    async learn(key, count) {
      if (points > 0 && (await hasRoomFor(key))) await limiter.penalty(key, count);
    },
  };
}
