import type { Catalog } from '../catalog/index.ts';
import { createLimit, type SharedLimit } from './limit.ts';
import type { LimitConfig } from './limit-options.ts';
import { shareLimits } from './limit-sharing.ts';
import { createLoginGuard } from './login-guard.ts';
import { networkOf } from './network.ts';
import type { LoginGuard } from './ports.ts';

/** What one source may do, in all processes together. */
export interface Limits {
  readonly guard: LoginGuard;
  /** Counts a request: of the principal, or of the address where nobody signed in. How long to wait; 0: go on. */
  request(principal: string | undefined, address: string): Promise<number>;
  /** A limit of its own, of so many requests a minute from one address; 0: any number. To be asked for once. */
  perAddress(name: string, requests: number): AddressLimit;
  /** Tells other processes what was counted, and learns what they have. */
  exchange(): Promise<void>;
  close(): void;
}

export interface AddressLimit {
  /** Counts a request. How long to wait, in milliseconds; 0: go on. */
  take(address: string): Promise<number>;
  /** Takes it back. */
  forgive(address: string): Promise<void>;
}

export interface LimitsDeps {
  readonly config: LimitConfig;
  readonly catalog: Pick<Catalog, 'run'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Whether other processes serve with the same catalog. */
  readonly isShared: boolean;
}

const MINUTE_MS = 60_000;
const TEN_MINUTES_MS = 10 * MINUTE_MS;
/** One network has several people, and one name may be tried from several networks. */
const MANY = 10;

export function createLimits({ config, catalog, clock, isShared }: LimitsDeps): Limits {
  const failures = config['auth.limits.failures'];
  const limit = (name: string, points: number, windowMs: number): SharedLimit =>
    createLimit({ name, points, windowMs, isShared, clock });
  const requests = limit('requests', config['auth.limits.requests'], MINUTE_MS);
  const anonymous = limit('anonymous', config['auth.limits.anonymous'], MINUTE_MS);
  const pairs = limit('pairs', failures, TEN_MINUTES_MS);
  const networks = limit('networks', failures * MANY, TEN_MINUTES_MS);
  const names = limit('names', failures * MANY, TEN_MINUTES_MS);
  const limits = [requests, anonymous, pairs, networks, names];
  const sharing = isShared ? shareLimits({ limits, catalog, clock }) : undefined;
  return {
    guard: createLoginGuard({ pairs, networks, names }),
    request: (principal, address) =>
      principal === undefined ? anonymous.take(networkOf(address)) : requests.take(principal),
    perAddress: (name, points) => {
      const own = limit(name, points, MINUTE_MS);
      sharing?.add(own);
      return {
        take: (address) => own.take(networkOf(address)),
        forgive: (address) => own.forgive(networkOf(address)),
      };
    },
    exchange: async () => sharing?.exchange(),
    close: () => sharing?.close(),
  };
}
