import { createHash } from 'node:crypto';
import type { Catalog, CountShare } from '../catalog/index.ts';
import type { SharedLimit } from './limit.ts';

/** Tells processes of one another's counts, now and then: never a write for a request. */
export interface LimitSharing {
  /** Gives what was counted here, and learns what was counted elsewhere. */
  exchange(): Promise<void>;
  /** Shares one more. */
  add(limit: SharedLimit): void;
  close(): void;
}

interface Deps {
  readonly limits: readonly SharedLimit[];
  readonly catalog: Pick<Catalog, 'run'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

const EXCHANGE_MS = 1000;
/** A key is of interest to others once it has used this part of its points here: most never do. */
const WORTH = 1 / 8;
/** So many keys at a time; those beyond come the next time that they are counted. */
const MOST = 1000;

interface Key {
  /** Counted here. */
  own: number;
  /** Of that others know so much. */
  sent: number;
  /** Counted elsewhere, as far as it was learned. */
  others: number;
}

/**
 * Replicas and workers count on their own and exchange once a second, by spans of time that are the same for all. So
 * what passes in all may be beyond a limit by what came to the other processes within that second, and by an eighth of
 * the limit for each of them; and while the catalog is away each process limits on its own.
 */
export function shareLimits({ limits, catalog, clock }: Deps): LimitSharing {
  const states = new Map<SharedLimit, { endsMs: number; readonly keys: Map<string, Key> }>(
    limits.map((limit) => [limit, { endsMs: 0, keys: new Map() }]),
  );
  let running: Promise<void> | undefined;
  const timer = setInterval(() => void exchange(), EXCHANGE_MS);
  timer.unref();

  function gather() {
    const shares: (CountShare & { readonly limit: SharedLimit; readonly name: string; readonly known: Key })[] = [];
    for (const [limit, state] of states) {
      const endsMs = (Math.floor(clock() / limit.windowMs) + 1) * limit.windowMs;
      if (state.endsMs !== endsMs) state.keys.clear();
      state.endsMs = endsMs;
      for (const [name, count] of limit.takeNews()) {
        const known = state.keys.get(name) ?? { own: 0, sent: 0, others: 0 };
        state.keys.set(name, known);
        known.own += count;
        if (known.own < limit.points * WORTH || shares.length >= MOST) continue;
        shares.push({ limit, name, known, endsMs, key: keyOf(limit, name), add: known.own - known.sent });
      }
    }
    return shares;
  }

  async function exchangeOnce(): Promise<void> {
    const shares = gather();
    if (shares.length === 0) return;
    const totals = await catalog.run('shareCounts', {
      shares: shares.map(({ key, endsMs, add }) => ({ key, endsMs, add })),
    });
    for (const [index, { limit, name, known, add }] of shares.entries()) {
      known.sent += add;
      const more = (totals[index] ?? 0) - known.sent - known.others;
      if (more <= 0) continue;
      known.others += more;
      await limit.learn(name, more);
    }
  }

  function exchange(): Promise<void> {
    // What cannot be told just now is told with what comes next.
    running ??= exchangeOnce()
      .catch(() => undefined)
      .finally(() => (running = undefined));
    return running;
  }

  return {
    exchange,
    add: (limit) => void states.set(limit, { endsMs: 0, keys: new Map() }),
    close: () => clearInterval(timer),
  };
}

/** In the catalog nobody reads whom it is about. */
function keyOf({ name }: SharedLimit, key: string): string {
  return createHash('sha256').update(`${name} ${key}`).digest('base64url').slice(0, 22);
}
