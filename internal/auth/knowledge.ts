import { OciError } from '../../pkg/oci/index.ts';
import {
  CatalogError,
  type Queries,
  type KeyRow,
  type PolicyRows,
  type SigningKeyRow,
  type UserRow,
} from '../catalog/index.ts';
import { createLru, type Lru } from './lru.ts';

/**
 * What the catalog says of who there is and who may do what, remembered until it changes: a request is answered from
 * memory, and a revocation is known to every process within RELIED_MS.
 */
export interface Knowledge {
  /** What is known now: one moment's facts, to be asked within one request. UNAVAILABLE where they may be too old. */
  now(): Promise<Facts>;
  /**
   * Looks whether anything changed, before something is refused that may be allowed since: true where it did. At most
   * twice a second, whatever is refused.
   */
  learn(): Promise<boolean>;
  /** Has the next request ask again: this process changed something itself. */
  renew(): void;
}

export interface Facts {
  policy(): Promise<PolicyRows>;
  user(name: string): Promise<UserRow | undefined>;
  key(name: string): Promise<KeyRow | undefined>;
  keyByHash(hash: string): Promise<KeyRow | undefined>;
  signingKeys(): Promise<readonly SigningKeyRow[]>;
  isRevoked(tokenId: string): Promise<boolean>;
  /** Whatever follows from these facts alone, by any key: forgotten with them. */
  readonly derived: Lru<unknown>;
}

export interface KnowledgeDeps {
  readonly queries: AuthQueries;
  /** Milliseconds, monotonic. */
  readonly ticks: () => number;
}

/** What is asked of the catalog. */
export type AuthQueries = Pick<
  Queries,
  'authVersion' | 'readPolicy' | 'findUser' | 'findKey' | 'findKeyByHash' | 'listSigningKeys' | 'isTokenRevoked'
>;

/** From when on it is asked whether anything changed, while what is known still serves. */
const CHECK_MS = 2000;
/**
 * For so long what is known serves while the catalog does not answer; then nothing is decided (503), since a revocation
 * could have been missed. Revocations hold within ten seconds (DESIGN).
 */
export const RELIED_MS = 8000;

const LEARN_MS = 500;

const MOST_PEOPLE = 20_000;
const MOST_TOKENS = 20_000;

function createFacts(queries: AuthQueries): Facts {
  const [users, keys, hashes] = [createLru<UserRow | undefined>(MOST_PEOPLE), keyLru(), keyLru()];
  const revoked = createLru<boolean>(MOST_TOKENS);
  const [policy, signing] = [createLru<PolicyRows>(1), createLru<readonly SigningKeyRow[]>(1)];
  return {
    policy: () => policy.get('', () => queries.readPolicy()),
    user: (name) => users.get(name, () => queries.findUser(name)),
    key: (name) => keys.get(name, () => queries.findKey(name)),
    keyByHash: (hash) => hashes.get(hash, () => queries.findKeyByHash(hash)),
    signingKeys: () => signing.get('', () => queries.listSigningKeys()),
    isRevoked: (tokenId) => revoked.get(tokenId, () => queries.isTokenRevoked(tokenId)),
    derived: createLru(MOST_TOKENS),
  };
}

const keyLru = (): Lru<KeyRow | undefined> => createLru(MOST_PEOPLE);

export function createKnowledge({ queries, ticks }: KnowledgeDeps): Knowledge {
  let facts: Facts | undefined;
  let version: number | undefined;
  /** What is known was still so at that time, at least. */
  let checkedTicks = -Infinity;
  let checking: Promise<Facts> | undefined;

  async function check(): Promise<Facts> {
    const startedTicks = ticks();
    const found = await queries.authVersion();
    // The version is read first: facts that are asked for afterwards are of this one, or newer.
    if (!facts || found !== version) facts = createFacts(queries);
    version = found;
    checkedTicks = startedTicks;
    return facts;
  }

  const checkOnce = (): Promise<Facts> => (checking ??= check().finally(() => (checking = undefined)));

  return {
    now: async () => {
      const age = ticks() - checkedTicks;
      if (facts && age < CHECK_MS) return facts;
      const checked = checkOnce();
      if (facts && age < RELIED_MS) {
        checked.catch(() => undefined); // what is known serves on
        return facts;
      }
      try {
        return await checked;
      } catch (failure) {
        throw unavailable(failure);
      }
    },
    learn: async () => {
      if (ticks() - checkedTicks < LEARN_MS) return false;
      const before = facts;
      return (await checkOnce().catch(() => before)) !== before;
    },
    renew: () => void (checkedTicks = -Infinity),
  };
}

/** What a catalog that does not answer means to whoever asks for something. */
export function unavailable(failure: unknown): unknown {
  const isAway = failure instanceof CatalogError && failure.failure === 'busy';
  return isAway ? new OciError('UNAVAILABLE', [], failure) : failure;
}
