import { availableParallelism } from 'node:os';
import { unreachable } from '../../pkg/oci/index.ts';
import type { ConfigOf } from '../config/index.ts';
import { formatBackupPlace, type BackupPlace } from './backup-place.ts';
import { assembleBackupSource, assembleBackupTarget, type BackupSource, type BackupTarget } from './backup-target.ts';
import { createBlobReader, createBlobStore } from './blobs.ts';
import type { Driver } from './driver.ts';
import { HashStates } from './hash-states.ts';
import { HashThreads } from './hashing.ts';
import { createManifestReader, createManifestStore, type OnSkipped } from './manifests.ts';
import { blobKey } from './layout.ts';
import { createOldTree, type OldTree } from './old-tree.ts';
import { COMMON_OPTIONS } from './options.ts';
import { backupS3, BACKUP_S3_OPTIONS, type BackupS3Config } from './s3/backup-options.ts';
import { S3_OPTIONS } from './s3/options.ts';
import { SlotPool } from './slots.ts';
import type { StorageLog } from './storage-log.ts';
import { tellingDriver } from './telling-driver.ts';
import { StorageError, type Storage, type StorageReader } from './types.ts';
import { createUploadManager } from './uploads.ts';

export type { BackupFileReader, BackupFiles, FoundBackupFile } from './backup-files.ts';
export { backupNameAt, findBackupName, type BackupFile, type BackupName } from './backup-name.ts';
export { formatBackupPlace, parseBackupPlace, type BackupPlace } from './backup-place.ts';
export type { BackupSource, BackupTarget } from './backup-target.ts';
export type { Space } from './driver.ts';
export { contentOf } from './content.ts';
export type { OldContent, OldFile, OldTree } from './old-tree.ts';
export type { StorageLog } from './storage-log.ts';
export * from './types.ts';
export { SMALL_BYTES } from './upload-head.ts';

export const STORAGE_OPTIONS = [...COMMON_OPTIONS, ...S3_OPTIONS] as const;
export type StorageConfig = ConfigOf<typeof STORAGE_OPTIONS>;

/** How a bucket of backups is reached; which one it is, their target says. */
export { BACKUP_S3_OPTIONS };
export type { BackupS3Config };

export interface StorageDeps {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** A fresh UUID each time, in lower case. */
  readonly uuid: () => string;
  /** From 0 up to 1; Math.random where it is not given. */
  readonly random?: () => number;
  /** Told of each stored record that `manifests.walk` leaves out since it cannot be read back. */
  readonly onSkipped?: OnSkipped;
  /** For a bucket that cannot be used; nobody is told where it is not given. */
  readonly log?: StorageLog;
  /** Told of bytes that were read where their buffers are left to the collector, which lets them pile up. */
  readonly onGarbage?: (count: number) => void;
}

const SLOT_BYTES = 1024 * 1024;
const SLOT_LIMIT = 64;
const STATE_LIMIT = 256;

/** Opens the storage that is configured; only its own part is loaded. */
export async function openStorage(config: StorageConfig, deps: StorageDeps): Promise<Storage> {
  return assembleStorage(await openDriver(config, deps), deps);
}

/**
 * Opens the storage that is configured for reading only. Nothing is made in a folder, which may be one that cannot be
 * written to; undefined where there is none.
 */
export async function openStorageReader(config: StorageConfig, deps: StorageDeps): Promise<StorageReader | undefined> {
  if (config['storage.type'] !== 'filesystem') return openStorage(config, deps);
  const { readFolder } = await import('./fs/read-folder.ts');
  const objects = await readFolder(config['storage.path']);
  return (
    objects && {
      blobs: createBlobReader(objects),
      manifests: createManifestReader(objects, deps.onSkipped),
      close: () => Promise.resolve(),
    }
  );
}

/**
 * Opens the place where backups are kept, for writing; a folder is made, for nobody but who runs this. A StorageError
 * where it is in the storage that is backed up, or the other way round.
 */
export async function openBackupTarget(
  place: BackupPlace,
  config: StorageConfig & BackupS3Config,
  deps: StorageDeps,
): Promise<BackupTarget> {
  await insistApart(place, config);
  const driver = await openBackupDriver(place, config, deps);
  return assembleBackupTarget(driver, assembleStorage(driver, deps), deps.uuid);
}

/** The same for reading only: also of a folder that cannot be written to. Undefined where there is no such folder. */
export async function openBackupSource(
  place: BackupPlace,
  config: BackupS3Config,
  deps: StorageDeps,
): Promise<BackupSource | undefined> {
  if (place.kind === 'folder') {
    const { readFolder } = await import('./fs/read-folder.ts');
    const objects = await readFolder(place.path);
    return objects && assembleBackupSource(objects, () => Promise.resolve());
  }
  const driver = await openBackupDriver(place, config, deps);
  return assembleBackupSource(driver.objects, () => driver.close());
}

/**
 * A StorageError where the place is in the storage, or the other way round: they would share content, and a
 * collection in the one would take it from the other.
 */
export async function insistApart(place: BackupPlace, config: StorageConfig & BackupS3Config): Promise<void> {
  if (!(await isWithin(place, config))) return;
  const overlaps = `${formatBackupPlace(place)} and the storage are in one another: name a place apart from it`;
  throw new StorageError('broken', overlaps);
}

async function isWithin(place: BackupPlace, config: StorageConfig & BackupS3Config): Promise<boolean> {
  if (place.kind === 'folder') {
    const { foldersOverlap } = await import('./fs/overlap.ts');
    return config['storage.type'] === 'filesystem' && foldersOverlap(place.path, config['storage.path']);
  }
  const isSameBucket =
    config['storage.type'] === 's3' &&
    config['storage.s3.bucket'] === place.bucket &&
    urlOf(config['storage.s3.endpoint']) === urlOf(config['backup.s3.endpoint']);
  const [a, b] = [place.prefix, config['storage.s3.prefix']].map((prefix) => prefix?.replace(/\/?$/, '/') ?? '');
  return isSameBucket && (`${a}`.startsWith(`${b}`) || `${b}`.startsWith(`${a}`));
}

const urlOf = (endpoint: string | undefined): string | undefined => endpoint && new URL(endpoint).href;

async function openBackupDriver(place: BackupPlace, config: BackupS3Config, deps: StorageDeps): Promise<Driver> {
  const name = formatBackupPlace(place);
  // The drivers' advice is about the settings of storage.
  const tell = ({ failure, message, cause, lost }: StorageError): StorageError => {
    const advice = message.replaceAll('storage.s3.', 'backup.s3.').replaceAll('storage.path', 'backup.target');
    return new StorageError(failure, `backup target ${name}: ${advice}`, cause, lost);
  };
  const { clock, uuid, random = Math.random, onGarbage } = deps;
  try {
    if (place.kind === 'folder') {
      const { openFolder } = await import('./fs/driver.ts');
      return tellingDriver(await openFolder({ path: place.path, durability: 'full', closed: true, uuid }), tell);
    }
    const { openS3 } = await import('./s3/driver.ts');
    const settings = backupS3(place.bucket, place.prefix, config);
    return tellingDriver(
      await openS3({ config: settings, clock, uuid, random, ...(onGarbage && { onGarbage }) }),
      tell,
    );
  } catch (failure) {
    throw failure instanceof StorageError ? tell(failure) : failure;
  }
}

/** The folder of an older Octoserve, for reading; undefined where there is no such folder. */
export async function openOldTree(path: string): Promise<OldTree | undefined> {
  const { readFolder } = await import('./fs/read-folder.ts');
  const objects = await readFolder(path);
  return objects && createOldTree(objects);
}

/** The three stores over a driver. */
export function assembleStorage(driver: Driver, { clock, onSkipped }: Omit<StorageDeps, 'uuid'>): Storage {
  // One thread hashes 1.7 GB/s where the processor helps, which is more than most disks and networks bring.
  const threads = new HashThreads(availableParallelism() >= 4 ? 2 : 1);
  const slots = new SlotPool(SLOT_LIMIT, () => Buffer.from(new SharedArrayBuffer(SLOT_BYTES)));
  const states = new HashStates(STATE_LIMIT);
  const { presigns, space } = driver;
  return {
    blobs: createBlobStore(driver.objects),
    manifests: createManifestStore(driver.objects, onSkipped),
    uploads: createUploadManager({ driver, threads, states, slots, clock }),
    ...(presigns && { presign: (digest, seconds) => presigns.presign(blobKey(digest), seconds) }),
    ...(space && { space }),
    check: () => driver.check(),
    async close() {
      await threads.close();
      await driver.close();
    },
  };
}

async function openDriver(config: StorageConfig, deps: StorageDeps): Promise<Driver> {
  const type = config['storage.type'];
  switch (type) {
    case 'filesystem': {
      const { openFolder } = await import('./fs/driver.ts');
      return openFolder({ path: config['storage.path'], durability: config['storage.durability'], uuid: deps.uuid });
    }
    case 's3': {
      const { openS3 } = await import('./s3/driver.ts');
      const { clock, uuid, random = Math.random, log, onGarbage } = deps;
      return openS3({ config, clock, uuid, random, ...(log && { log }), ...(onGarbage && { onGarbage }) });
    }
    case 'memory': {
      const { openMemory } = await import('./memory/driver.ts');
      return openMemory(deps);
    }
    default:
      return unreachable(type);
  }
}
