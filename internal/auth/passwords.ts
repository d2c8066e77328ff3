import { createHmac, randomBytes } from 'node:crypto';
import { OciError } from '../../pkg/oci/index.ts';
import { hashArgon2, isArgon2, verifyArgon2 } from './argon2.ts';
import { createBcryptThread, isBcrypt, type BcryptThread } from './bcrypt.ts';
import { createQueue } from './queue.ts';

/** Checks passwords off the event loop, a few at a time; what was right is remembered for a while. */
export interface Passwords {
  /** A hash to be stored. */
  hash(password: string): Promise<string>;
  /** Whether it was found right for this user and hash a short while ago: costs no hashing. */
  remembers(user: string, hash: string, password: string): boolean;
  /**
   * Whether it is the password of that hash. Takes as long where there is no hash to compare it with: then it is never
   * right. UNAVAILABLE where too many wait.
   */
  check(user: string, hash: string | undefined, password: string): Promise<boolean>;
  /** How many hashes were computed, for metrics and tests. */
  readonly computed: number;
  close(): Promise<void>;
}

export interface PasswordsDeps {
  /** Milliseconds, monotonic. */
  readonly ticks: () => number;
  /**
   * What bcrypt hashes of users cost; undefined where there are none. Otherwise every check computes one, so that nobody
   * sees who has which, nor who is there at all.
   */
  readonly bcryptCost: () => number | undefined;
  readonly bcrypt?: BcryptThread;
}

const REMEMBER_MS = 5 * 60_000;
const MOST_REMEMBERED = 10_000;
const AT_ONCE = 2;
const MOST_WAITING = 64;
/** bcrypt knows no more of a password; here nobody needs more either. */
export const LONGEST_PASSWORD = 1024;

/** A hash of nothing in particular. */
const dummyBcrypt = (cost: number): string =>
  `$2b$${String(cost).padStart(2, '0')}$E6WUuA4HVPJvHKX8mhYU8ujNd1N7D5RcHFuabu1lf07HHxZScAL0S`;

export function createPasswords({
  ticks,
  bcryptCost,
  bcrypt: thread = createBcryptThread(),
}: PasswordsDeps): Passwords {
  const queue = createQueue({ atOnce: AT_ONCE, waiting: MOST_WAITING });
  // A key of this process alone: what is remembered is worth nothing elsewhere.
  const key = randomBytes(32);
  const remembered = new Map<string, number>();
  let dummy: Promise<string> | undefined;
  let computed = 0;

  const markOf = (user: string, hash: string, password: string): string =>
    createHmac('sha256', key)
      .update(JSON.stringify([user, hash, password]))
      .digest('base64');

  function remember(mark: string): void {
    remembered.delete(mark);
    remembered.set(mark, ticks());
    const [oldest] = remembered.keys();
    if (remembered.size > MOST_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  }

  async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = queue.run(work);
    if (!turn) throw new OciError('UNAVAILABLE', 'too many sign in just now');
    computed += 1;
    return turn;
  }

  async function compare(hash: string | undefined, password: string): Promise<boolean> {
    dummy ??= hashArgon2(randomBytes(16).toString('hex'));
    const argon2 = hash !== undefined && isArgon2(hash) ? hash : await dummy;
    const cost = bcryptCost();
    const bcrypt = hash !== undefined && isBcrypt(hash) ? hash : cost === undefined ? undefined : dummyBcrypt(cost);
    const matchesArgon2 = await verifyArgon2(argon2, password);
    const matchesBcrypt = bcrypt !== undefined && (await thread.matches(bcrypt, password));
    return (argon2 === hash && matchesArgon2) || (bcrypt === hash && matchesBcrypt);
  }

  return {
    hash: (password) => inTurn(() => hashArgon2(password)),
    remembers: (user, hash, password) => {
      const mark = markOf(user, hash, password);
      const since = remembered.get(mark);
      if (since === undefined) return false;
      if (ticks() - since <= REMEMBER_MS) return true;
      remembered.delete(mark);
      return false;
    },
    check: async (user, hash, password) => {
      if (password.length > LONGEST_PASSWORD) return false;
      const isRight = await inTurn(() => compare(hash, password));
      if (isRight && hash !== undefined) remember(markOf(user, hash, password));
      return isRight;
    },
    get computed() {
      return computed;
    },
    close: () => thread.close(),
  };
}
