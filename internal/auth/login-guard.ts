import type { Limit } from './limit.ts';
import { networkOf } from './network.ts';
import type { Attempt, LoginGuard } from './ports.ts';
import { createTurns } from './turns.ts';

export interface LoginGuardDeps {
  /** Wrong passwords for one name from one network. */
  readonly pairs: Limit;
  /** Wrong passwords from one network. */
  readonly networks: Limit;
  /** Wrong passwords for one name from anywhere: beyond these it counts as attacked. */
  readonly names: Limit;
}

const MOST_WAITING = 64;
const SOON_MS = 1000;

/**
 * Keeps passwords from being guessed. What was wrong is counted by name and network together, so that nobody locks out a
 * user who comes from elsewhere; and a name that is attacked from many networks still leaves each of them one attempt.
 * Of one name from one network one is checked at a time: however many come at once, no more fail than may, and of many
 * machines that share a name and sign in together all get their turn.
 */
export function createLoginGuard({ pairs, networks, names }: LoginGuardDeps): LoginGuard {
  const turns = createTurns(MOST_WAITING);

  /** How long to wait; 0: go on. */
  async function waitMs(pair: string, network: string, user: string): Promise<number> {
    const [ofPair, ofNetwork, ofName] = await Promise.all([pairs.used(pair), networks.used(network), names.used(user)]);
    if (ofNetwork.left === 0) return ofNetwork.endsInMs;
    return ofPair.left === 0 || (ofName.left === 0 && ofPair.count > 0) ? ofPair.endsInMs : 0;
  }

  async function attempt({ user, address }: Attempt, check: () => Promise<boolean>) {
    const network = networkOf(address);
    const pair = JSON.stringify([user, network]);
    const turn = turns.run(pair, async () => {
      const retryAfterMs = await waitMs(pair, network, user);
      if (retryAfterMs > 0) return { retryAfterMs };
      const isRight = await check();
      if (!isRight) await Promise.all([pairs.take(pair), networks.take(network), names.take(user)]);
      return isRight;
    });
    return turn ?? { retryAfterMs: SOON_MS };
  }

  return { attempt };
}
