import type { Algorithm } from '../../pkg/oci/index.ts';
import { createBackupFileReader, createBackupFiles, type BackupFileReader, type BackupFiles } from './backup-files.ts';
import { createBlobReader } from './blobs.ts';
import type { Driver, Objects } from './driver.ts';
import { findStored, shelfKey } from './layout.ts';
import type { BlobReader, BlobStore, Storage, StoredBlob, UploadManager } from './types.ts';

/** Where backups are read from. Content lies there as it does in storage, under the same keys. */
export interface BackupSource {
  readonly blobs: BlobReader;
  readonly backups: BackupFileReader;
  close(): Promise<void>;
}

/** Where backups are written to. */
export interface BackupTarget extends BackupSource {
  readonly blobs: BlobStore;
  readonly uploads: UploadManager;
  readonly backups: BackupFiles;
  /** Whether a list tells sizes for nothing, as that of a bucket; in a folder each file has to be looked at for it. */
  readonly listsSizes: boolean;
  /** The content whose digests begin with the two characters, in no order; a 256th of all of an algorithm. */
  shelf(algorithm: Algorithm, beginning: string): AsyncIterable<StoredBlob>;
  /** Resolves where it can be read and written just now; throws a StorageError otherwise. */
  check(): Promise<void>;
}

export function assembleBackupTarget(driver: Driver, storage: Storage, uuid: () => string): BackupTarget {
  const { blobs, uploads } = storage;
  return {
    blobs,
    uploads,
    listsSizes: !driver.objects.keys,
    backups: createBackupFiles(driver, uploads, uuid),
    async *shelf(algorithm, beginning) {
      for await (const { key, sizeBytes, modifiedMs } of driver.objects.list(shelfKey(algorithm, beginning))) {
        const stored = findStored(key);
        if (stored?.kind === 'blob') yield { digest: stored.digest, sizeBytes, modifiedMs };
      }
    },
    check: () => storage.check(),
    close: () => storage.close(),
  };
}

export function assembleBackupSource(
  objects: Pick<Objects, 'stat' | 'open' | 'list'>,
  close: () => Promise<void>,
): BackupSource {
  return { blobs: createBlobReader(objects), backups: createBackupFileReader(objects), close };
}
