import type { RepositoryName } from '../../pkg/oci/index.ts';
import type { Exchange } from './exchange.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
/** What a route does to the repository that its path names. */
export type Action = 'none' | 'pull' | 'push' | 'delete';
/**
 * Who may know that it is there. `open`: everybody. `challenged`: who signs in, where that is asked for.
 * `repository`: who may read the repository; to others it is like absent.
 */
export type Visibility = 'open' | 'challenged' | 'repository';

/** A route is data, so that a test can walk all of them. */
export interface Route<Target> {
  readonly method: Method;
  /** The path's template, as in documentation and metrics: `/v2/{name}/tags/list`. */
  readonly path: string;
  readonly action: Action;
  readonly visibility: Visibility;
  readonly handler: (target: Target, exchange: Exchange) => Promise<void>;
}

export interface Demand {
  readonly action: Action;
  readonly visibility: Visibility;
  readonly repository: RepositoryName | undefined;
}

/** The one place where a request is let through: gives the principal's name, or throws UNAUTHORIZED, DENIED or NAME_UNKNOWN. */
export type Gate = (exchange: Exchange, demand: Demand) => Promise<string>;
