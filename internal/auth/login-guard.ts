import type { Limit } from './limit.ts';
import { networkOf } from './network.ts';
import type { Attempt, LoginGuard } from './ports.ts';

export interface LoginGuardDeps {
  /** Wrong passwords from one network. */
  readonly networks: Limit;
  /** Wrong passwords for one name from one network. */
  readonly pairs: Limit;
  /** How many of the latter are let pass; 0: any number. */
  readonly pairPoints: number;
  /** Wrong passwords for one name from anywhere. */
  readonly names: Limit;
}

/** From so many wrong ones on a name counts as attacked, from everywhere at once. */
export const ATTACKED_FROM = 100;
/** What a network may try then: whoever knows the password needs no more. */
const WHILE_ATTACKED = 1;
const MOST_WAITING = 64;
const SOON_MS = 1000;

/**
 * Keeps passwords from being guessed. Counted is by name and network together, so that nobody locks a user out who comes
 * from elsewhere; a name that is attacked from many networks leaves each of them one attempt. Attempts that are being
 * checked count as wrong ones until they turn out right: however many come at once, no more are checked than may fail.
 * Those beyond wait for these, so that many machines that share a name and sign in at once all get their turn.
 */
export function createLoginGuard({ networks, pairs, pairPoints, names }: LoginGuardDeps): LoginGuard {
  /** By pair, those that wait for one that is being checked; an entry is there while one is. */
  const checking = new Map<string, { count: number; waiting: (() => void)[] }>();
  let waiting = 0;

  const pairOf = ({ user, address }: Attempt): string => JSON.stringify([user, networkOf(address)]);

  function begin(pair: string): void {
    const state = checking.get(pair) ?? { count: 0, waiting: [] };
    state.count += 1;
    checking.set(pair, state);
  }

  function end(pair: string): void {
    const state = checking.get(pair);
    if (!state) return;
    state.count -= 1;
    if (state.count === 0) checking.delete(pair);
    for (const go of state.waiting.splice(0)) go();
  }

  /** Resolves when one that is being checked has ended; false where none is, or too many wait already. */
  async function another(pair: string): Promise<boolean> {
    const state = checking.get(pair);
    if (!state || waiting >= MOST_WAITING) return false;
    waiting += 1;
    await new Promise<void>((resolve) => state.waiting.push(resolve));
    waiting -= 1;
    return true;
  }

  async function waitMs(attempt: Attempt): Promise<number> {
    if (pairPoints === 0) return 0;
    const pair = pairOf(attempt);
    for (;;) {
      const isAttacked = (await names.used(attempt.user)).count >= ATTACKED_FROM;
      const most = isAttacked ? Math.min(WHILE_ATTACKED, pairPoints) : pairPoints;
      const { count, endsInMs } = await pairs.used(pair);
      if (count < most) break;
      if (count - (checking.get(pair)?.count ?? 0) >= most) return endsInMs;
      if (!(await another(pair))) return SOON_MS;
    }
    const networkMs = await networks.take(networkOf(attempt.address));
    if (networkMs > 0) return networkMs;
    begin(pair);
    await pairs.take(pair);
    return 0;
  }

  return {
    waitMs,
    async failed(attempt) {
      if (pairPoints === 0) return;
      await names.take(attempt.user);
      end(pairOf(attempt));
    },
    async succeeded(attempt) {
      if (pairPoints === 0) return;
      await Promise.all([networks.giveBack(networkOf(attempt.address)), pairs.giveBack(pairOf(attempt))]);
      end(pairOf(attempt));
    },
  };
}
