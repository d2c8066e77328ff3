import { ANONYMOUS, EVERYBODY, type Actor, type Administration } from '../../auth/index.ts';
import { comeBackIn, type Exchange } from '../../http/index.ts';
import type { Logger } from '../../log/index.ts';
import type { FacadeDeps, FacadeRoute, Surface } from '../types.ts';
import type { ColaContext } from './context.ts';
import { seesPackage } from './sight.ts';
import { formatColaFailure } from './failures.ts';
import { createHealth } from './health.ts';
import { declareColaMetrics } from './metrics.ts';
import type { Names } from './names.ts';
import { auditRoutes } from './routes/audit.ts';
import { contentRoutes } from './routes/content.ts';
import { indexRoutes } from './routes/index-json.ts';
import { keyRoutes } from './routes/keys.ts';
import { packageRoutes } from './routes/packages.ts';
import { registryRoutes } from './routes/registries.ts';
import { retentionRoutes } from './routes/retention.ts';
import { ownRoutes, serviceRoutes } from './routes/service.ts';
import { versionRoutes } from './routes/versions.ts';
import { createUrlSigner } from './signed-urls.ts';
import type { ColaContents, ColaStore } from './store.ts';
import { createUrls } from './urls.ts';

/** What every facade is given, as far as this one uses it. */
type Given = Omit<FacadeDeps<object>, 'config' | 'artifacts' | 'gc' | 'administration' | 'check' | 'surroundings'>;

export interface ColaDeps extends Given {
  readonly store: ColaStore;
  readonly contents: ColaContents | undefined;
  readonly names: Names;
  /** Users, keys and roles; undefined where nobody is asked to sign in. */
  readonly administration: Pick<Administration, 'keys'> | undefined;
  /** The most requests a minute from one address; 0: any number. */
  readonly requestsPerMinute: number;
}

const SIGNING_PURPOSE = 'cola content URL';

/** Limits who asks; what costs nothing is given back (contract 7.4). */
function limitRequests({ limits, requestsPerMinute }: ColaDeps): NonNullable<Surface['limit']> {
  const limit = limits.perAddress('cola', requestsPerMinute);
  return async (exchange) => {
    const { address, res } = exchange;
    const waitMs = await limit.take(address);
    if (waitMs > 0) throw comeBackIn(waitMs);
    res.once('finish', () => {
      if (res.statusCode === 304) void limit.forgive(address);
    });
  };
}

/** What whoever does not sign in may. */
export const anonymousOf = (auth: ColaDeps['auth']) => async (): Promise<Actor> =>
  auth ? auth.actorOf({ principal: ANONYMOUS }) : EVERYBODY;

/** The product has its audit, and one line for each request. */
const quieter = (log: Logger): ColaContext['log'] => ({
  debug: (message, fields) => log.debug(message, fields),
  info: (message, fields) => log.debug(message, fields),
  warn: (message, fields) => log.warn(message, fields),
});

/** COLA over a store of either kind. */
export function createCola(deps: ColaDeps): Surface {
  const { store, contents, names, auth, clock, ticks, standsAlone } = deps;
  const log = standsAlone ? deps.log : quieter(deps.log);
  const anonymous = anonymousOf(auth);
  const signer = createUrlSigner(async () => auth?.secretsFor(SIGNING_PURPOSE) ?? [], clock);
  const urls = createUrls(names, signer);
  const context: ColaContext = {
    store,
    contents,
    names,
    urls,
    signer,
    anonymous,
    clock,
    log,
    async urlsFor(exchange: Exchange) {
      const stranger = await anonymous();
      return (registry) =>
        urls.forReaders(exchange, registry, (packageName) => seesPackage(stranger, registry, packageName, names));
    },
  };
  const metrics = declareColaMetrics(deps.metrics);
  const health = createHealth(() => store.check(), ticks);
  const service = { version: deps.version, health, metrics, expose: deps.expose };
  const routes: readonly FacadeRoute[] = [
    ...serviceRoutes(context, service),
    ...registryRoutes(context),
    ...packageRoutes(context),
    ...versionRoutes(context),
    ...indexRoutes(context, health),
    ...contentRoutes(context),
    ...(deps.administration ? keyRoutes(context, deps.administration) : []),
    ...(contents ? [...auditRoutes(context, deps.listAudit), ...retentionRoutes(context, deps.retention)] : []),
  ];
  return {
    routes,
    ownRoutes: ownRoutes(context, service),
    formatFailure: formatColaFailure,
    begin: (exchange) => metrics.begin(exchange),
    ...(deps.requestsPerMinute > 0 && { limit: limitRequests(deps) }),
    tellsStrays: true,
    close: () => store.close(),
  };
}
