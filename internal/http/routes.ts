import type { RepositoryName, UploadId } from '../../pkg/oci/index.ts';
import type { Actor } from '../auth/index.ts';
import type { Exchange } from './exchange.ts';
import type { RouteDoc } from './route-doc.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
/** What a route does to the repository that its path names; `catalog`: lists names of repositories; `admin`: to the server. */
export type RouteAction = 'none' | 'pull' | 'push' | 'delete' | 'catalog' | 'admin';
/**
 * Who may know that it is there. `open`: everybody. `challenged`: who signs in, where that is asked for.
 * `repository`: who may read the repository; to others it is like absent. `admin`: who administers the server.
 */
export type Visibility = 'open' | 'challenged' | 'repository' | 'admin';

/** A route is data, so that a test can walk all of them. */
export interface Route<Target> {
  readonly method: Method;
  /** The path's template, as in documentation and metrics: `/v2/{name}/tags/list`. */
  readonly path: string;
  readonly action: RouteAction;
  readonly visibility: Visibility;
  readonly doc: RouteDoc;
  readonly handler: (target: Target, exchange: Exchange) => Promise<void>;
  /** What answers whoever signed in and may not know of the repository; NAME_UNKNOWN where it is not given. */
  readonly hidden?: ((target: Target, exchange: Exchange) => Promise<void>) | undefined;
}

export interface Demand {
  readonly action: RouteAction;
  readonly visibility: Visibility;
  readonly repository: RepositoryName | undefined;
  /** The upload session that the path names: a token that expired since it began is still good for that. */
  readonly session?: UploadId | undefined;
  /** Whoever brings wrong credentials is taken for one who brings none. */
  readonly ignoresWrongCredentials?: boolean | undefined;
}

/**
 * The one place where a request is let through: says who asks, or throws UNAUTHORIZED, DENIED, TOOMANYREQUESTS,
 * UNAVAILABLE, or a Hidden (NAME_UNKNOWN).
 */
export type Gate = (exchange: Exchange, demand: Demand) => Promise<Actor>;
