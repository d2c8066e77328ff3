import type { UploadId } from '../../../pkg/oci/index.ts';
import type { Catalog } from '../../catalog/index.ts';
import { GC_LEASE } from '../../gc/index.ts';
import type { BackupTarget, Storage } from '../../storage/index.ts';
import type { OnProgress } from '../problem.ts';
import { BackupError } from './backup-error.ts';
import { underLease, whenLeased, type LeaseDeps } from './hold-lease.ts';
import { listBackups, type BackupList } from './list-backups.ts';
import { makeBackup, type Made } from './make-backup.ts';
import type { BackupMetrics } from './metrics.ts';
import { nextBackupMs, type Schedule } from './schedule.ts';

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
  /** Undefined where there is none by itself. */
  readonly nextMs: number | undefined;
}

/** The backups of a registry. */
export interface Backups {
  /** Makes one now. Throws a BackupError where another is being made, here or in another process. */
  make(signal: AbortSignal, onProgress?: OnProgress): Promise<Made>;
  /** Makes one where the schedule asks for it. Never throws: what went wrong is logged, and it is tried again later. */
  runIfDue(signal: AbortSignal): Promise<void>;
  status(): Promise<BackupStatus>;
  /** What there is in the target; undefined where none is configured. */
  list(): Promise<BackupList | undefined>;
}

/** Cursors that follow the clock, not the log: when the last good backup was begun, and when one was tried last. */
const GOOD = 'backup';
const TRIED = 'backup-tried';
/** One that never moves, and says which registry this is. */
const REGISTRY = 'backup-registry';
const LEASE = 'backup';

export function createBackups(deps: BackupsDeps): Backups {
  const { catalog, openTarget, schedule, clock, log, metrics } = deps;
  const { queries } = catalog;

  /** A number that no other registry has, but one that was restored from a backup of this one. */
  async function identify(): Promise<string> {
    const known = await queries.findCursor(REGISTRY);
    if (known > 0) return String(known);
    await catalog.run('moveCursor', { name: REGISTRY, sequence: 1 + Math.floor(deps.random() * 2 ** 52) });
    return String(await queries.findCursor(REGISTRY));
  }

  async function work(signal: AbortSignal, onProgress: OnProgress | undefined): Promise<Made> {
    if (!openTarget) throw new BackupError('absent', 'no target of backups is configured: set backup.target');
    const startedMs = clock();
    await catalog.run('moveCursor', { name: TRIED, sequence: startedMs });
    const leasing: LeaseDeps = { catalog, clock, holder: `backup ${deps.newId()}`, pause: deps.pause };
    const target = await openTarget();
    try {
      const made = await makeBackup(
        {
          ...deps,
          target,
          registry: await identify(),
          uncollected: (act, until) => whenLeased(GC_LEASE, leasing, act, until),
          ...(onProgress && { onProgress }),
        },
        signal,
      );
      await catalog.run('moveCursor', { name: GOOD, sequence: startedMs });
      return made;
    } finally {
      await target.close();
    }
  }

  async function make(signal: AbortSignal, onProgress?: OnProgress): Promise<Made> {
    const startedMs = clock();
    const leasing: LeaseDeps = { catalog, clock, holder: `backup ${deps.newId()}`, pause: deps.pause };
    const done = await underLease(LEASE, leasing, (until) => work(until, onProgress), signal).catch(
      (error: unknown) => {
        metrics?.failed();
        throw error;
      },
    );
    if (!done) throw new BackupError('busy', 'a backup is being made already, here or in another process');
    metrics?.made(done.result, (clock() - startedMs) / 1000);
    tell(done.result, startedMs);
    return done.result;
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

  const past = async () => ({ goodMs: await queries.findCursor(GOOD), triedMs: await queries.findCursor(TRIED) });

  return {
    make,
    async runIfDue(signal) {
      if (!schedule || !openTarget || nextBackupMs(schedule, await past()) > clock()) return;
      try {
        await make(signal);
      } catch (error) {
        if (signal.aborted || (error instanceof BackupError && error.failure === 'busy')) return;
        log.error('A backup could not be made; it is tried again in ten minutes', { error });
      }
    },
    async status() {
      const { goodMs, triedMs } = await past();
      return {
        lastMs: goodMs === 0 ? undefined : goodMs,
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
  };
}
