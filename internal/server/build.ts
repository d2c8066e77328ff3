import type { IncomingMessage, ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { v4 } from 'uuid';
import { createAdmin, type Admin } from '../admin/index.ts';
import { createApi, isApiPath, type Api } from '../api/index.ts';
import { createArtifacts } from '../artifacts/index.ts';
import { createAudit, createLimits, streamAudit, type Audit } from '../auth/index.ts';
import { createLeaseStore, openCatalog, type Catalog } from '../catalog/index.ts';
import {
  askedSite,
  clientAddress,
  comeBackIn,
  createBodyGarbage,
  createGate,
  createOpenGate,
  createObserver,
  Exchange,
  formatOciFailure,
  lacksHost,
  parseProxies,
  refuseOtherSites,
  writeFailure,
  type AskedSite,
  type Peer,
} from '../http/index.ts';
import { loadFacades, type FacadeRoute, type ListenAddress } from '../facades/index.ts';
import type { Gc } from '../gc/index.ts';
import { createJobs, type Jobs } from '../jobs/index.ts';
import { createRequestId, type Logger } from '../log/index.ts';
import { listHurtContent, type Backups, type Scrub } from '../maintenance/index.ts';
import type { Exposition, Metrics } from '../metrics/index.ts';
import { bytesOnlyOf, createRetention, takeStock, type Retention } from '../gc/index.ts';
import { createRegistry, FOLLOW_JOB, type Registry } from '../registry/index.ts';
import { openStorage, type Storage } from '../storage/index.ts';
import { findUploadId, OciError, type UploadId } from '../../pkg/oci/index.ts';
import { addAuthJobs, buildAuth } from './build-auth.ts';
import { addBackupJob, buildBackups } from './build-backups.ts';
import { addGcJob, buildGc } from './build-gc.ts';
import { createDispatch, createSoleDispatch, mountFacades, type MountedFacade } from './build-facades.ts';
import { addDiskJob, buildDiskGuard } from './build-disk.ts';
import { addRetentionJob, notePulls } from './build-retention.ts';
import { addScrubJob, buildScrub } from './build-scrub.ts';
import { makeCatalogFolder, onlyComplete, toldByStores } from './look-before-serving.ts';
import { spareDeletes } from './sparing-catalog.ts';
import type { StandAlone } from './stand-alone.ts';
import { declareTotals } from './totals.ts';
import type { Config } from './options.ts';

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

const FOLLOW_MS = 1000;
const SWEEP_MS = 60 * 60 * 1000;
const LEASE_MS = 30_000;

const newUploadId = (): UploadId => findUploadId(v4()) as UploadId; // what v4 makes is one

export async function buildServer({
  config,
  log,
  outages = log,
  version,
  metrics,
  expose,
  standAlone,
  clock = Date.now,
  ticks = () => performance.now(),
}: BuildDeps): Promise<Built> {
  const facades = await loadFacades(config);
  const collect = createBodyGarbage();
  const storage = await openStorage(config, {
    clock,
    uuid: v4,
    onSkipped: (key, reason) => log.warn('A record in storage cannot be read', { key, reason }),
    log: outages,
    onGarbage: collect,
  });
  log.info('Storage initialized', { type: config['storage.type'], path: config['storage.path'] });
  const catalogPath = join(config['storage.path'], 'catalog.db');
  const opened = await makeCatalogFolder(config, catalogPath)
    .then(() =>
      openCatalog(config, {
        path: catalogPath,
        durability: config['storage.durability'],
        memory: config['storage.type'] === 'memory',
        log: outages,
      }),
    )
    .catch(async (failure: unknown) => {
      await storage.close();
      throw failure;
    });
  const disk = buildDiskGuard(config, storage, clock);
  const catalog = await onlyComplete(
    spareDeletes(opened, () => disk.giveReserve()),
    outages,
  ).catch(async (failure: unknown) => {
    await Promise.all([opened.close(), storage.close()]);
    throw failure;
  });
  const deps = { config, catalog, storage, log, metrics, clock, ticks, version, onGarbage: collect };
  const scrub = buildScrub(deps);
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
  const audit = createAudit({ catalog, clock, log });
  const isShared = config['catalog.type'] === 'postgres' || config['server.workers'] !== '1';
  const limits = createLimits({ config, catalog, clock, isShared });
  declareTotals(metrics, catalog, clock);
  const retention = createRetention({
    catalog,
    config,
    guardsFor: registry.guardsFor,
    clock,
    newId: v4,
  });
  const backups = buildBackups(deps);
  const gc = buildGc(deps);

  const publicUrl = (config['server.public_url'] ?? '').replace(/\/+$/, '');
  const publicHost = publicUrl === '' ? undefined : new URL(publicUrl).host;
  const ending = new AbortController();
  const access = await buildAuth({
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
  }).catch(async (failure: unknown) => {
    await Promise.all([catalog.close(), storage.close()]);
    throw failure;
  });
  const sites = { origins: config['server.cors_origins'], publicHost };
  const gate = access ? createGate({ auth: access.auth, limits, ...sites }) : createOpenGate(sites);
  const limitStranger = async ({ address }: Exchange): Promise<void> => {
    const waitMs = await limits.request(undefined, address);
    if (waitMs > 0) throw comeBackIn(waitMs);
  };
  const api = createApi({ registry, publicUrl }, gate);
  const checks = { storage: () => storage.check(), catalog: () => catalog.check() };
  const mounted = await mountFacades({
    facades,
    gate,
    limitStranger: access ? limitStranger : async () => undefined,
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
  }).catch(async (failure: unknown) => {
    ending.abort();
    await access?.close();
    await Promise.all([catalog.close(), storage.close()]);
    throw failure;
  });
  const facadeRoutes = mounted.flatMap(({ routes }) => routes);
  const endpoint = config['metrics.endpoint'];
  const admin = createAdmin({
    version,
    checks,
    isLow: () => disk.isLow(),
    metrics: config['metrics.enabled']
      ? {
          endpoint,
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
    limitStranger: access ? limitStranger : async () => undefined,
    otherRoutes: [...api.routes, ...facadeRoutes],
  });
  const surfaceOf = standAlone
    ? createSoleDispatch(mounted, standAlone.facade, admin)
    : createDispatch(mounted, ['/v2', ...admin.routes.map(({ path }) => path)], admin);
  const observer = createObserver({
    log,
    logRequests: config['log.requests'],
    metrics,
    endpoints: new Set(
      [...api.routes, ...facadeRoutes].map(({ path }) => path).filter((path) => path !== '/v2/_catalog'),
    ),
    uncounted: new Set([endpoint]),
    recordOf: standAlone?.requestRecord,
    audit,
  });
  const proxies = parseProxies(config['server.trusted_proxies']);
  const surroundings = {
    ticks,
    newRequestId: createRequestId,
    addressOf: (peer: Peer, forwardedFor: string | undefined) => clientAddress(peer, forwardedFor, proxies),
    siteOf: (peer: Peer, asked: AskedSite) => (publicUrl === '' ? askedSite(peer, asked, proxies) : publicUrl),
    onBodyBytes: collect,
  };

  const createExchange = (req: IncomingMessage, res: ServerResponse, awaitsContinue: boolean): Exchange =>
    new Exchange(req, res, surroundings, awaitsContinue);

  const beginWith =
    (answer: (exchange: Exchange) => void) =>
    (exchange: Exchange): void => {
      observer.begin(exchange);
      if (!lacksHost(exchange.req)) answer(exchange);
      else writeFailure(exchange, new OciError('UNSUPPORTED', 'the request names no host'), formatOciFailure);
    };
  const begin = beginWith((exchange) => {
    if (isApiPath(exchange.path) && !standAlone?.hidesRegistry) void api.handle(exchange);
    else surfaceOf(exchange.path)(exchange);
  });

  const jobs = createJobs({
    leases: createLeaseStore(catalog),
    clock,
    log,
    holder: `${hostname()}/${process.pid}/${v4()}`,
    random: Math.random,
    isTold: toldByStores(config),
  });
  jobs.every({
    name: FOLLOW_JOB,
    intervalMs: FOLLOW_MS,
    leaseMs: LEASE_MS,
    run: async (signal) => {
      // Neither waits for the other's trouble; what is sealed now is streamed the next time.
      const runs = [registry.chores.followChanges(signal), streamAudit({ catalog, log }, signal)];
      for (const run of await Promise.allSettled(runs)) if (run.status === 'rejected') throw run.reason;
    },
  });
  jobs.every({
    name: 'sweep-uploads',
    intervalMs: Math.min(SWEEP_MS, config['registry.upload_expiry']),
    leaseMs: LEASE_MS,
    run: async (signal) => {
      const { expired, orphans } = await registry.chores.sweepUploads(signal);
      if (expired + orphans > 0) log.info('Uploads swept', { expired, orphans });
    },
  });

  for (const job of mounted.flatMap((facade) => facade.jobs)) jobs.every(job);
  addGcJob(jobs, gc);
  addBackupJob(jobs, backups, config);
  addScrubJob(jobs, scrub);
  addDiskJob(jobs, { disk, log });
  addRetentionJob(jobs, { retention, log });
  const notes = notePulls(registry, log);
  if (access) addAuthJobs(jobs, access.auth, { catalog, clock });

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
    async close() {
      ending.abort();
      await jobs.stop();
      await Promise.all(mounted.map((facade) => facade.close()));
      await notes.stop();
      await Promise.all([gc.close(), backups.close(), scrub.close()]);
      await access?.close();
      await audit.close();
      limits.close();
      await catalog.close();
      await storage.close();
    },
  };
}
