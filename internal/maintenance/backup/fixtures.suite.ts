import { randomUUID } from 'node:crypto';
import type { Catalog } from '../../catalog/index.ts';
import { LEASE_MS, newUploadId, openRig, type Rig } from '../../registry/fixtures.suite.ts';
import { assembleBackupTarget } from '../../storage/backup-target.ts';
import type { Driver } from '../../storage/driver.ts';
import { assembleStorage, type BackupTarget } from '../../storage/index.ts';
import { openMemory } from '../../storage/memory/driver.ts';
import { createGc } from '../../gc/index.ts';
import { createTold, verifyRig } from '../fixtures.suite.ts';
import type { Problem } from '../problem.ts';
import { createBackups, type Backups, type BackupsDeps } from './backups.ts';
import { chooseBackup, listBackups } from './list-backups.ts';
import { checkBackup, restoreBackup, type Restored } from './restore-backup.ts';

// A suite by its name only because nothing but tests may import it.

/** A registry on memory, and a target beside it. */
export interface BackupRig extends Rig {
  readonly target: BackupTarget;
  readonly targetDriver: Driver;
  readonly logged: readonly { readonly message: string; readonly fields: Readonly<Record<string, unknown>> }[];
  /** The backups of the registry; `more` in place of what they are usually made of. */
  backups(more?: Partial<BackupsDeps>): Backups;
  /** Deletes what nothing references, now. */
  collect(): Promise<void>;
}

export const NOBODY = new AbortController().signal;

export async function openBackupRig(): Promise<BackupRig> {
  const rig = await openRig();
  const clock = (): number => rig.clock.nowMs;
  const targetDriver = openMemory({ clock });
  const storage = assembleStorage(targetDriver, { clock });
  const target = { ...assembleBackupTarget(targetDriver, storage, randomUUID), close: async () => undefined };
  const logged: { message: string; fields: Readonly<Record<string, unknown>> }[] = [];
  const note = (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
    void logged.push({ message, fields });
  const log = { info: note, error: note };
  const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    rig.clock.nowMs += ms;
    await new Promise(setImmediate);
  };
  return {
    ...rig,
    target,
    targetDriver,
    logged,
    backups: (more = {}) =>
      createBackups({
        catalog: rig.catalog,
        storage: rig.storage,
        openTarget: async () => target,
        schedule: undefined,
        keep: 0,
        newUploadId,
        clock,
        random: () => 0.5,
        pause,
        newId: randomUUID,
        program: '1.2.3',
        host: 'here',
        log,
        ...more,
      }),
    async collect() {
      const config = {
        'gc.enabled': true,
        'gc.interval': 0,
        'gc.review_delay': LEASE_MS,
        'gc.max_deletes_per_second': 0,
        'gc.batch_size': 100,
        'gc.orphan_interval': 0,
      };
      const gc = createGc({ ...rig, config, clock, ticks: clock, pause, newId: randomUUID, log });
      const by = { principal: 'gc', address: '', requestId: 'gc' };
      rig.clock.nowMs += 2 * LEASE_MS; // no lease outlives that
      const begun = await gc.begin({ trigger: 'command', by, dryRun: false, graceMs: 0 });
      if (begun.kind === 'begun') await begun.done;
      await gc.close();
    },
    async close() {
      await storage.close();
      await rig.close();
    },
  };
}

export interface RestoredRig {
  readonly rig: Rig;
  readonly catalog: Catalog;
  readonly restored: Restored;
  readonly problems: readonly Problem[];
  close(): Promise<void>;
}

/** Restores the last backup of the target, or the one that is asked for, into a registry that is empty or `into`. */
export async function restoreFrom(
  { target }: Pick<BackupRig, 'target'>,
  asked?: string,
  into?: Rig,
): Promise<RestoredRig> {
  const rig = into ?? (await openRig());
  const backup = chooseBackup(await listBackups(target.backups), asked);
  const { problems, onProblem, onProgress } = createTold();
  const restored = await restoreBackup(
    {
      source: target,
      backup,
      end: await checkBackup(target, backup),
      storage: rig.storage,
      catalog: rig.catalog,
      verify: async (tell) =>
        void (await verifyRig(rig, { repair: true, followChanges: async () => undefined, onProblem: tell })),
      newUploadId,
      clock: () => rig.clock.nowMs,
      random: () => 0.5,
      onProblem,
      onProgress,
    },
    NOBODY,
  );
  if (restored.kind !== 'restored') throw new Error(`the restore was refused: ${restored.kind}`);
  return { rig, catalog: rig.catalog, restored, problems, close: () => rig.close() };
}
