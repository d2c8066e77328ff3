import type { Artifacts } from '../artifacts/index.ts';
import type { Administration, AuditFilter, AuditKey, AuditPage, AuthService, Limits } from '../auth/index.ts';
import type { Gc, Retention } from '../gc/index.ts';
import type { Exchange, FormatFailure, PathRoute, PathValues } from '../http/index.ts';
import type { Job } from '../jobs/index.ts';
import type { Logger } from '../log/index.ts';
import type { Exposition, Metrics } from '../metrics/index.ts';
import type { Door } from '../registry/index.ts';
import type { RepositoryName } from '../../pkg/oci/index.ts';

/**
 * A door to what the registry keeps, in the words of another system: one folder here, and its lines in `index.ts`. What
 * it needs of the configuration is a light table of its own (`<part>/options.ts`, every key `facades.<name>.*`, among
 * them `enabled` and `listen`), which is read without loading the part. The part is loaded only where it is enabled;
 * switched off, its repositories are like any others.
 */
export interface Facade<Config extends object> {
  readonly name: string;
  /**
   * The paths that are its own on the main listener, each with all below it: `/api/v1/artifacts`. Of two facades the
   * longer one counts; the same path twice, or one that the product has, is an error at start.
   */
  prefixes(config: Config): readonly string[];
  /**
   * What it says of pushes to the repositories that are its own, through whichever door they come. Commands that rebuild
   * or load a catalog ask it too: it depends on the configuration alone.
   */
  door(config: Config): Door;
  /** Makes it. Opens nothing but what it has of its own: what that takes is done by the first request, or by a job. */
  create(deps: FacadeDeps<Config>): Surface | Promise<Surface>;
}

/** What a facade answers, and does besides. */
export interface Surface {
  /** At their paths on the main listener, and on a listener of its own. */
  readonly routes: readonly FacadeRoute[];
  /**
   * `/`, `/health`, `/metrics` and the like in the facade's form: only on a listener of its own
   * (`facades.<name>.listen`) and in its stand-alone program. There every path is the facade's.
   */
  readonly ownRoutes?: readonly FacadeRoute[];
  /** Its form of every failure, those of the gate and the router too. */
  readonly formatFailure: FormatFailure;
  /** Sent with each answer besides what all facades send: name, value, name, value. */
  readonly headers?: readonly string[];
  /** Hears of each request before it is answered: for metrics of its own. `exchange.res` tells how it ended. */
  readonly begin?: (exchange: Exchange) => void;
  /** Asked before anything else, the gate too; throws TOOMANYREQUESTS where whoever asks came too often. */
  readonly limit?: (exchange: Exchange) => Promise<void>;
  /** Whether a path or method that nobody knows is refused as such (404, 405) before anybody is asked to sign in. */
  readonly tellsStrays?: boolean;
  /** What it does by itself: each under a lease, by one process at a time. */
  readonly jobs?: readonly Job[];
  /** Lets go of what it holds; nothing is being answered any more. */
  readonly close?: () => Promise<void>;
}

/**
 * A route of a facade, as data. The gate is asked for `action` and `visibility` before the handler runs, and before
 * what is wrong with the path is told; on a path or method that nobody knows it is asked for `challenged` (so 401 comes
 * before 404 and 405) unless the facade tells of strays. HEAD goes to GET, whose handler sees it in `exchange.method`;
 * `hidden` answers whoever may not know that the repository is there.
 */
export interface FacadeRoute extends PathRoute {
  /**
   * The repository that the path names, for `visibility: 'repository'`. Throws (NAME_INVALID, REQUEST_INVALID) where it
   * can name none: told only to who signed in, where that is asked for.
   */
  readonly repositoryOf?: (values: PathValues) => RepositoryName;
  /** Whoever brings wrong credentials is a stranger here, and may what strangers may. */
  readonly ignoresWrongCredentials?: boolean;
  /** Whether the URL itself lets whoever has it in (it is signed), so that the gate is not asked. Throws where it is a bad one. */
  readonly opens?: (values: PathValues, exchange: Exchange) => Promise<boolean>;
  /** For what watches the server: open, and not limited. */
  readonly isProbe?: boolean;
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** All that a facade stands on. It goes round none of it: neither to storage, nor to SQL. */
export interface FacadeDeps<Config extends object> {
  readonly config: Config;
  readonly artifacts: Artifacts;
  /** The product's collector, for doors that have a route to it. */
  readonly gc: Gc;
  readonly retention: Retention;
  /** Undefined where nobody is asked to sign in. */
  readonly auth: Pick<AuthService, 'actorOf' | 'secretsFor'> | undefined;
  /** Counts what one source does, in all processes together. */
  readonly limits: Limits;
  /** Users, keys and roles; undefined where nobody is asked to sign in. */
  readonly administration: Administration | undefined;
  readonly listAudit: (
    filter: AuditFilter,
    page: { readonly limit: number; readonly after?: AuditKey },
  ) => Promise<AuditPage>;
  /** Whether storage and catalog answer: rejects where one does not. */
  readonly check: () => Promise<void>;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The product's metrics as Prometheus text. */
  readonly expose: () => Promise<Exposition>;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Milliseconds, monotonic. */
  readonly ticks: () => number;
  /** Whether this is its stand-alone program: only there it logs in the shape of the system whose door it is. */
  readonly standsAlone: boolean;
  /** Where the stand-alone program may look for what no option of ours says (`AWS_*`), and where relative paths start. */
  readonly surroundings: Surroundings;
}
