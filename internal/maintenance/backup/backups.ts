import type { UploadId } from '../../../pkg/oci/index.ts';
import type { Catalog } from '../../catalog/index.ts';
import { GC_LEASE } from '../../gc/index.ts';
import { createRunGroup } from '../../jobs/index.ts';
import type { BackupTarget, Storage } from '../../storage/index.ts';
import type { OnProgress } from '../problem.ts';
import { BackupError } from './backup-error.ts';
import { LEASE_MS, whenLeased, whileLeased, type LeaseDeps } from './hold-lease.ts';
import { listBackups, type BackupList } from './list-backups.ts';
import { makeBackup, type Made } from './make-backup.ts';
import type { BackupMetrics } from './metrics.ts';
import { nameOfRegistry } from './registry-name.ts';
import { GOOD_CURSOR, nextBackupMs, TRIED_CURSOR, type Schedule } from './schedule.ts';

export interface BackupsDeps {
  readonly catalog: Pick<Catalog, 'run' | 'queries' | 'snapshot'>;
  readonly storage: Pick<Storage, 'blobs' | 'check'>;
  /** Opens the target for as long as a backup takes; undefined where none is configured. */
  readonly openTarget: (() => Promise<BackupTarget>) | undefined;
  /** Undefined where backups are made by hand only. */
  readonly schedule: Schedule | undefined;
  readonly keep: number;
  readonly newUploadId: () => UploadId;
  readonly clock: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly pause: LeaseDeps['pause'];
  /** A text that nobody else makes. */
  readonly newId: () => string;
  readonly program: string;
  readonly host: string;
  readonly log: BackupLog;
  readonly metrics?: BackupMetrics;
}

/** What is told of backups: `internal/log` gives one that fits. */
export interface BackupLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface BackupStatus {
  /** When the last good backup was begun, in whatever target; undefined where there was none. */
  readonly lastMs: number | undefined;
  /** How long ago that was. */
  readonly ageMs: number | undefined;
  /** Undefined where there is none by itself. */
  readonly nextMs: number | undefined;
}

/** The backups of a registry. */
export interface Backups {
  /** Whether there is a target. */
  readonly isConfigured: boolean;
  /** Makes one now. Throws a BackupError where another is being made, here or in another process. */
  make(asked?: BackupRequest): Promise<Made>;
  /** Makes one where the schedule asks for it. */
  runIfDue(signal: AbortSignal): Promise<void>;
  status(): Promise<BackupStatus>;
  /** What there is in the target; undefined where none is configured. */
  list(): Promise<BackupList | undefined>;
  /** Ends what is being made, and resolves when it has ended. */
  close(): Promise<void>;
}

export interface BackupRequest {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
  /** Whether to wait for one that is being made, as long as it takes to tell it from one whose process was killed. */
  readonly waits?: boolean;
  /** Hears that no other is being made, and this one is. */
  readonly onBegun?: () => void;
}

const LEASE = 'backup';

export function createBackups(deps: BackupsDeps): Backups {
  const { catalog, openTarget, schedule, clock, log, metrics } = deps;
  const { queries } = catalog;
  const runs = createRunGroup('backups are stopped');

  async function work({ onProgress, onBegun }: BackupRequest, signal: AbortSignal): Promise<Made> {
    if (!openTarget) throw new BackupError('absent', 'no target of backups is configured: set backup.target');
    onBegun?.();
    const startedMs = clock();
    await catalog.run('moveCursor', { name: TRIED_CURSOR, sequence: startedMs });
    const target = await openTarget();
    try {
      const made = await makeBackup(
        {
          ...deps,
          target,
          registry: await nameOfRegistry(catalog, deps.random),
          uncollected: (act, until) => whileLeased(GC_LEASE, leasing(), act, until),
          ...(onProgress && { onProgress }),
        },
        signal,
      );
      await catalog.run('moveCursor', { name: GOOD_CURSOR, sequence: startedMs });
      return made;
    } finally {
      await target.close();
    }
  }

  // A holder of its own each time, so that of two runs of this process one is the other's rival too.
  const leasing = (): LeaseDeps => ({ catalog, clock, holder: `backup ${deps.newId()}`, pause: deps.pause });

  async function make(asked: BackupRequest = {}): Promise<Made> {
    const startedMs = clock();
    const patienceMs = asked.waits ? 2 * LEASE_MS : 0;
    const whole = (signal: AbortSignal) =>
      whenLeased(LEASE, leasing(), (until) => work(asked, until), signal, patienceMs);
    try {
      const done = await runs.run(whole, asked.signal);
      if (done.kind === 'leased')
        throw new BackupError('busy', 'a backup is being made already, here or in another process');
      metrics?.made(done.result, (clock() - startedMs) / 1000);
      tell(done.result, startedMs);
      return done.result;
    } catch (failure) {
      if (!isBusy(failure)) {
        metrics?.failed();
        if (!asked.signal?.aborted && !runs.signal.aborted) log.error('A backup could not be made', { error: failure });
      }
      throw failure;
    }
  }

  function tell({ backup, pruned }: Made, startedMs: number): void {
    const { name, content, copied, lacking } = backup;
    const fields = { name, blobs: content.blobs, bytes: content.bytes, copied_bytes: copied.bytes };
    const [first] = lacking;
    if (first)
      log.error('A backup was made without content that cannot be read', {
        ...fields,
        lacking: lacking.length,
        ...first,
      });
    else log.info('Backup made', { ...fields, seconds: (clock() - startedMs) / 1000, pruned: pruned.backups.length });
    if (pruned.failure !== undefined) log.error('Old backups could not be pruned', { reason: pruned.failure });
  }

  const past = async () => ({
    goodMs: await queries.findCursor(GOOD_CURSOR),
    triedMs: await queries.findCursor(TRIED_CURSOR),
  });

  return {
    isConfigured: openTarget !== undefined,
    make,
    async runIfDue(signal) {
      if (!schedule || !openTarget || nextBackupMs(schedule, await past()) > clock()) return;
      await make({ signal }).catch(() => undefined); // what went wrong is in the log; it is tried again later
    },
    async status() {
      const { goodMs, triedMs } = await past();
      return {
        lastMs: goodMs === 0 ? undefined : goodMs,
        ageMs: goodMs === 0 ? undefined : Math.max(0, clock() - goodMs),
        nextMs: schedule && openTarget && Math.max(clock(), nextBackupMs(schedule, { goodMs, triedMs })),
      };
    },
    async list() {
      const target = await openTarget?.();
      if (!target) return undefined;
      try {
        return await listBackups(target.backups);
      } finally {
        await target.close();
      }
    },
    close: () => runs.close(),
  };
}

const isBusy = (failure: unknown): boolean => failure instanceof BackupError && failure.failure === 'busy';
