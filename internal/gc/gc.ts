import type { RepositoryName } from '../../pkg/oci/index.ts';
import { createLeaseStore, type Candidate, type Catalog, type Origin } from '../catalog/index.ts';
import { createRunGroup, type Begun } from '../jobs/index.ts';
import type { Storage } from '../storage/index.ts';
import { collect, type Tally } from './collect.ts';
import type { GcConfig } from './options.ts';
import { adoptOrphans } from './orphans.ts';
import { isRunning, nextRunMs, NOTHING, parseRow, toRow, type GcRun, type Trigger } from './run.ts';

export interface GcDeps {
  readonly catalog: Catalog;
  readonly storage: Pick<Storage, 'blobs' | 'check'>;
  readonly config: GcConfig;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Milliseconds, monotonic. */
  readonly ticks: () => number;
  /** Rejects when the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A text that nobody else makes. */
  readonly newId: () => string;
  readonly log: GcLog;
  /** Hears of each run that is over. */
  readonly onRun?: (run: GcRun) => void;
}

/** What the collector tells: `internal/log` gives one that fits. */
export interface GcLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface GcRequest {
  readonly trigger: Trigger;
  readonly by: Origin;
  /** Finds what would go, and changes nothing. */
  readonly dryRun: boolean;
  /** In place of `gc.review_delay`. */
  readonly graceMs?: number | undefined;
  readonly repositories?: ReadonlySet<RepositoryName> | undefined;
  /** Whether to look through storage first, for content that no row knows. */
  readonly orphans?: boolean | undefined;
  readonly onGarbage?: ((candidate: Candidate) => void) | undefined;
  readonly onProgress?: ((tally: Tally) => void) | undefined;
  /** Hears why the run broke off. */
  readonly onFailure?: ((failure: Error) => void) | undefined;
}

export interface GcStatus {
  readonly isRunning: boolean;
  /** Undefined where there is none by itself. */
  readonly nextMs: number | undefined;
  /** The last run that is over, dry ones too. */
  readonly last: GcRun | undefined;
}

/** The garbage collector of a process. */
export interface Gc {
  readonly config: GcConfig;
  /**
   * Begins a run. What becomes of it is in its result, failures too. `busy`: one goes on already, here or elsewhere; of
   * dry runs there may be any number.
   */
  begin(request: GcRequest): Promise<Begun<GcRun>>;
  /** Runs where the schedule asks for it. Throws what went wrong. */
  runIfDue(signal: AbortSignal): Promise<void>;
  status(): Promise<GcStatus>;
  /** Ends what runs, and resolves when it has ended. */
  close(): Promise<void>;
}

/** Whoever holds this lease keeps collections from beginning. */
export const GC_LEASE = 'gc';
/** The cursor that says when storage was last looked through; it follows the clock, not the log. */
const ORPHANS = 'gc-orphans';
const LEASE_MS = 30_000;
/** How often a run is noted while it goes on. */
const SIGN_MS = 5000;
const REMEMBERED_MS = 30 * 24 * 3_600_000;
/** Enough to find the last whole one. */
const LOOKED_AT = 100;

export function createGc(deps: GcDeps): Gc {
  const { catalog, storage, config, clock, log, newId, onRun } = deps;
  const leases = createLeaseStore(catalog);
  const runs = createRunGroup('the collector is stopped');
  const intervalMs = config['gc.interval'];
  const isScheduled = config['gc.enabled'] && intervalMs > 0;

  async function record(run: GcRun): Promise<void> {
    await catalog.run('recordGcRun', { run: toRow(run), forgetMs: run.startedMs - REMEMBERED_MS });
  }
  const listRuns = async (): Promise<readonly GcRun[]> => (await catalog.queries.listGcRuns(LOOKED_AT)).map(parseRow);

  /** Whether it is time to look through storage. */
  async function isSearchDue(): Promise<boolean> {
    const orphanMs = config['gc.orphan_interval'];
    return orphanMs > 0 && (await catalog.queries.findCursor(ORPHANS)) + orphanMs <= clock();
  }

  async function work(request: GcRequest, onProgress: (tally: Tally) => void, signal: AbortSignal): Promise<Tally> {
    const { by, dryRun, repositories, onGarbage } = request;
    const graceMs = request.graceMs ?? config['gc.review_delay'];
    // Delays go by our clock: where storage finds that wrong, what was pushed just now looks as if its time were over.
    if (!dryRun) await storage.check();
    if (request.orphans && !dryRun) {
      const search = { graceMs, onProgress: () => onProgress(NOTHING) };
      const startMs = clock();
      const { adopted } = await adoptOrphans({ ...deps, blobs: storage.blobs }, search, signal);
      await catalog.run('moveCursor', { name: ORPHANS, sequence: startMs });
      if (adopted > 0) log.info('Content that no row knew was found', { blobs: adopted });
    }
    const collecting = {
      ...deps,
      by,
      blobs: storage.blobs,
      batchSize: config['gc.batch_size'],
      maxDeletesPerSecond: config['gc.max_deletes_per_second'],
      onStuck: (digest: string, error: unknown) => log.error('Content could not be removed', { digest, error }),
    };
    return collect(collecting, { graceMs, repositories, dryRun, onProgress, ...(onGarbage && { onGarbage }) }, signal);
  }

  /** From its first note to its last. Never throws. */
  async function execute(request: GcRequest, signal: AbortSignal): Promise<GcRun> {
    const startedMs = clock();
    const { trigger, dryRun } = request;
    const isWhole = request.repositories === undefined;
    const common = { id: newId(), trigger, startedMs, dryRun, isWhole };
    let tally = NOTHING;
    let aliveMs = startedMs;
    let noted: Promise<void> = Promise.resolve();
    const note = (): Promise<void> => record({ ...common, finishedMs: undefined, aliveMs, tally, error: undefined });
    const onProgress = (next: Tally): void => {
      tally = next;
      request.onProgress?.(tally);
      if (clock() - aliveMs < SIGN_MS) return;
      aliveMs = clock();
      noted = noted.then(note).catch(() => undefined); // the next note says more
    };
    let failure: Error | undefined;
    try {
      await note();
      tally = await work(request, onProgress, signal);
    } catch (cause) {
      failure = cause instanceof Error ? cause : new Error('it failed', { cause });
      request.onFailure?.(failure);
    }
    const finishedMs = clock();
    const run: GcRun = { ...common, finishedMs, aliveMs: finishedMs, tally, error: failure?.message };
    await noted;
    await record(run).catch(() => undefined); // it is told all the same, and counts as broken off
    tell(run, failure);
    onRun?.(run);
    return run;
  }

  function tell(
    { trigger, dryRun, startedMs, finishedMs = startedMs, tally }: GcRun,
    failure: Error | undefined,
  ): void {
    const { deletedBlobs, deletedBytes, stuck } = tally;
    const seconds = (finishedMs - startedMs) / 1000;
    const fields = { trigger, blobs: deletedBlobs, bytes: deletedBytes, stuck, seconds };
    if (failure && trigger !== 'schedule') {
      log.error('Garbage collection broke off', { ...fields, error: failure });
    } else if (!dryRun && (deletedBlobs > 0 || trigger !== 'schedule')) log.info('Garbage collected', fields);
  }

  async function begin(request: GcRequest, stop?: AbortSignal): Promise<Begun<GcRun>> {
    const run = (signal: AbortSignal): Promise<GcRun> => execute(request, signal);
    if (request.dryRun) return { kind: 'begun', done: runs.run(run, stop) };
    // A holder of its own, so that of two runs of this process one is the other's rival too.
    const lease = { leases, clock, holder: `gc ${newId()}` };
    return runs.begin({ name: GC_LEASE, leaseMs: LEASE_MS, run }, lease, stop);
  }

  return {
    config,
    begin: (request) => begin(request),
    async runIfDue(signal) {
      if (!isScheduled || nextRunMs(await listRuns(), intervalMs) > clock()) return;
      const by: Origin = { principal: 'gc', address: '', requestId: newId() };
      const orphans = await isSearchDue();
      await storage.check(); // not begun where it is away: no run has failed then
      let failure: Error | undefined;
      const onFailure = (why: Error): void => void (failure = why);
      const begun = await begin({ trigger: 'schedule', by, dryRun: false, orphans, onFailure }, signal);
      if (begun.kind === 'busy') return;
      await begun.done;
      if (failure) throw failure;
    },
    async status() {
      const noted = await listRuns();
      const nowMs = clock();
      return {
        isRunning: noted.some((run) => !run.dryRun && isRunning(run, nowMs)),
        nextMs: isScheduled ? Math.max(nowMs, nextRunMs(noted, intervalMs)) : undefined,
        last: noted.find((run) => !isRunning(run, nowMs)),
      };
    },
    close: () => runs.close(),
  };
}
