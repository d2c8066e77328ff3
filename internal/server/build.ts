import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { v4 } from 'uuid';
import { createAdmin, type Admin } from '../admin/index.ts';
import { createApi, isApiPath, type Api } from '../api/index.ts';
import { createArtifacts } from '../artifacts/index.ts';
import { createAudit, createLimits, type Audit } from '../auth/index.ts';
import type { Catalog } from '../catalog/index.ts';
import {
  comeBackIn,
  createBodyGarbage,
  createGate,
  createOpenGate,
  refuseOtherSites,
  type Exchange,
} from '../http/index.ts';
import { loadFacades, type FacadeRoute, type ListenAddress } from '../facades/index.ts';
import { bytesOnlyOf, createRetention, takeStock, type Gc, type Retention } from '../gc/index.ts';
import type { Jobs } from '../jobs/index.ts';
import type { Logger } from '../log/index.ts';
import { listHurtContent, type Backups, type Scrub } from '../maintenance/index.ts';
import type { Exposition, Metrics } from '../metrics/index.ts';
import { createRegistry, type Registry } from '../registry/index.ts';
import type { Storage } from '../storage/index.ts';
import { buildAuth } from './build-auth.ts';
import { buildBackups } from './build-backups.ts';
import { buildEdge } from './build-edge.ts';
import { createDispatch, createSoleDispatch, mountFacades, type MountedFacade } from './build-facades.ts';
import { buildGc } from './build-gc.ts';
import { buildJobs } from './build-jobs.ts';
import { buildScrub } from './build-scrub.ts';
import { openStores } from './build-stores.ts';
import { notePulls } from './note-pulls.ts';
import type { Config } from './options.ts';
import { newUploadId } from './part-deps.ts';
import type { StandAlone } from './stand-alone.ts';
import { opening } from './start-failure.ts';
import { declareTotals } from './totals.ts';

export interface BuildDeps {
  readonly config: Config;
  readonly log: Logger;
  /** Told when a store is away and when it is back; `log` where it is not given. */
  readonly outages?: Pick<Logger, 'info' | 'error'>;
  readonly version: string;
  readonly metrics: Metrics;
  /** Where this is the program of one facade. */
  readonly standAlone?: StandAlone | undefined;
  /** Metrics as Prometheus text, of all processes where there are several. */
  readonly expose: () => Promise<Exposition>;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  /** Milliseconds, monotonic. */
  readonly ticks?: () => number;
}

/** The whole object graph of one process. */
export interface Built {
  readonly registry: Registry;
  readonly storage: Storage;
  readonly catalog: Catalog;
  readonly api: Api;
  readonly admin: Admin;
  /** Those that are switched on. */
  readonly facades: readonly MountedFacade[];
  /** Their routes on the main listener. */
  readonly facadeRoutes: readonly FacadeRoute[];
  /** Where facades are served besides (`facades.<name>.listen`), and by what. */
  readonly ownListeners: readonly OwnListener[];
  readonly audit: Audit;
  readonly jobs: Jobs;
  readonly retention: Retention;
  readonly gc: Gc;
  readonly backups: Backups;
  readonly scrub: Scrub;
  /** Answers one request; usable with `http.createServer`. */
  readonly handle: (req: IncomingMessage, res: ServerResponse) => void;
  /** The same for a client that waits for `100 Continue`. */
  readonly handleExpecting: (req: IncomingMessage, res: ServerResponse) => void;
  /** Like `handle`, and tells of each exchange as it begins. */
  readonly begin: (exchange: Exchange) => void;
  readonly createExchange: (req: IncomingMessage, res: ServerResponse, awaitsContinue: boolean) => Exchange;
  /** Closes the stores; to be called once, when nothing is being answered any more. */
  close(): Promise<void>;
}

export interface OwnListener extends ListenAddress {
  readonly facade: string;
  readonly begin: (exchange: Exchange) => void;
}

/** Opens all that a server works with, and puts it together. A StartFailure names what could not be opened; then nothing is. */
export async function buildServer(deps: BuildDeps): Promise<Built> {
  const open = new AsyncDisposableStack();
  try {
    return await build(deps, open);
  } catch (failure) {
    await open.disposeAsync();
    throw failure;
  }
}

/** `open`: what is to be closed, the last first. */
async function build(
  {
    config,
    log,
    outages = log,
    version,
    metrics,
    expose,
    standAlone,
    clock = Date.now,
    ticks = () => performance.now(),
  }: BuildDeps,
  open: AsyncDisposableStack,
): Promise<Built> {
  const facades = await opening('facades', () => loadFacades(config));
  const onGarbage = createBodyGarbage();
  const stores = await openStores({ config, log, outages, clock, onGarbage });
  open.defer(() => stores.close());
  const { storage, catalog, disk } = stores;
  const partDeps = { config, catalog, storage, log, metrics, clock, ticks, version, onGarbage };
  const scrub = buildScrub(partDeps);
  const registry = createRegistry({
    storage,
    catalog,
    config,
    verifyReads: config['storage.verify_reads'],
    leaseMs: config['gc.review_delay'],
    disk,
    metrics,
    doors: facades.map((facade) => facade.door(config)),
    ports: {
      clock,
      ticks,
      pause: (ms) => setTimeout(ms),
      newUploadId,
      onDamage: (damage) => {
        log.error('Stored content is damaged', { ...damage });
        scrub.suspect(damage.digest);
      },
    },
  });
  const isShared = config['catalog.type'] === 'postgres' || config['server.workers'] !== '1';
  const limits = createLimits({ config, catalog, clock, isShared });
  open.defer(() => limits.close());
  const audit = createAudit({ catalog, clock, log });
  open.defer(() => audit.close());
  declareTotals(metrics, catalog, clock);
  const retention = createRetention({
    catalog,
    config,
    guardsFor: registry.guardsFor,
    clock,
    newId: v4,
  });
  const backups = buildBackups(partDeps);
  const gc = buildGc(partDeps);

  const publicUrl = (config['server.public_url'] ?? '').replace(/\/+$/, '');
  const publicHost = publicUrl === '' ? undefined : new URL(publicUrl).host;
  const ending = new AbortController();
  open.defer(() => ending.abort());
  const access = await opening('auth', () =>
    buildAuth({
      config,
      catalog,
      audit,
      limits,
      log,
      version,
      clock,
      ticks,
      methods: standAlone?.methods,
      fileRoles: standAlone?.fileRoles,
      bindings: standAlone?.bindings,
      signal: ending.signal,
    }),
  );
  open.defer(() => access?.close());
  open.defer(async () => void (await Promise.all([gc.close(), backups.close(), scrub.close()])));
  const sites = { origins: config['server.cors_origins'], publicHost };
  const gate = access ? createGate({ auth: access.auth, limits, ...sites }) : createOpenGate(sites);
  const limitStranger = async ({ address }: Exchange): Promise<void> => {
    if (!access) return;
    const waitMs = await limits.request(undefined, address);
    if (waitMs > 0) throw comeBackIn(waitMs);
  };
  const api = createApi({ registry, publicUrl }, gate);
  const checks = { storage: () => storage.check(), catalog: () => catalog.check() };
  const notes = notePulls(registry, log);
  open.defer(() => notes.stop());
  const mounted = await opening('facades', () =>
    mountFacades({
      facades,
      gate,
      limitStranger,
      deps: {
        config,
        artifacts: createArtifacts({ registry, catalog }),
        gc,
        retention,
        auth: access?.auth,
        limits,
        administration: access?.administration,
        listAudit: (filter, page) => catalog.queries.listAudit(filter, page),
        check: async () => void (await Promise.all([checks.storage(), checks.catalog()])),
        log,
        metrics,
        expose,
        version,
        clock,
        ticks,
        standsAlone: standAlone !== undefined,
        surroundings: standAlone?.surroundings ?? { env: {}, cwd: '.' },
      },
    }),
  );
  open.defer(async () => void (await Promise.all(mounted.map((facade) => facade.close()))));
  const facadeRoutes = mounted.flatMap(({ routes }) => routes);
  const admin = createAdmin({
    version,
    checks,
    isLow: () => disk.isLow(),
    metrics: config['metrics.enabled']
      ? {
          endpoint: config['metrics.endpoint'],
          username: config['metrics.basic_auth.username'],
          password: config['metrics.basic_auth.password'],
          expose,
        }
      : undefined,
    gc,
    backups,
    scrub,
    listHurtContent: (after, limit) => listHurtContent(catalog, { after, limit }),
    clock,
    history: registry.history,
    retention,
    takeStock: (options) => takeStock({ catalog, storage, clock }, options),
    foreseeDelete: async (repository, digest) => ({
      bytes: await bytesOnlyOf(catalog, repository, digest),
      freeAtMs: clock() + Math.max(config['gc.review_delay'], config['history.keep']),
    }),
    manifests: registry.manifests,
    people: access && {
      auth: access.auth,
      service: config['auth.service'],
      administration: access.administration,
    },
    listAudit: (filter, page) => catalog.queries.listAudit(filter, page),
    accounts: access && {
      signIn: access.signIn,
      refuseOtherSites: (exchange) => refuseOtherSites(exchange, sites.origins, publicHost),
      repositoriesOf: async (actor) => (await registry.lists.repositories({}, actor)).rows,
    },
    gate,
    limitStranger,
    otherRoutes: [...api.routes, ...facadeRoutes],
  });
  const surfaceOf = await opening('facades', () =>
    standAlone
      ? createSoleDispatch(mounted, standAlone.facade, admin)
      : createDispatch(mounted, ['/v2', ...admin.routes.map(({ path }) => path)], admin),
  );
  const { createExchange, beginWith } = buildEdge({
    config,
    log,
    metrics,
    audit,
    ticks,
    publicUrl,
    paths: [...api.routes, ...facadeRoutes].map(({ path }) => path),
    requestRecord: standAlone?.requestRecord,
    onBodyBytes: onGarbage,
  });
  const begin = beginWith((exchange) => {
    if (isApiPath(exchange.path) && !standAlone?.hidesRegistry) void api.handle(exchange);
    else surfaceOf(exchange.path)(exchange);
  });
  const jobs = buildJobs({
    config,
    catalog,
    registry,
    disk,
    gc,
    retention,
    backups,
    scrub,
    auth: access?.auth,
    ofFacades: mounted.flatMap((facade) => facade.jobs),
    log,
    clock,
  });
  open.defer(() => jobs.stop());

  return {
    registry,
    storage,
    catalog,
    api,
    admin,
    facades: mounted,
    facadeRoutes,
    ownListeners: mounted.flatMap(({ name, listen, beginAlone }) =>
      listen ? [{ ...listen, facade: name, begin: beginWith(beginAlone) }] : [],
    ),
    audit,
    jobs,
    gc,
    backups,
    scrub,
    retention,
    createExchange,
    begin,
    handle: (req, res) => begin(createExchange(req, res, false)),
    handleExpecting: (req, res) => begin(createExchange(req, res, true)),
    close: () => open.disposeAsync(),
  };
}
