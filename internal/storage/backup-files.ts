import type { Algorithm } from '../../pkg/oci/index.ts';
import { encodedOf, findUploadId } from '../../pkg/oci/index.ts';
import type { BackupFile, BackupName } from './backup-name.ts';
import { gather } from './content.ts';
import type { Driver, Objects } from './driver.ts';
import { backupKey, BACKUPS, findBackupFile, uploadKey } from './layout.ts';
import type { Content, UploadManager } from './types.ts';

/** A file of a backup as it is found. */
export interface FoundBackupFile {
  readonly name: BackupName;
  readonly file: BackupFile;
  readonly sizeBytes: number;
  /** Milliseconds since 1970, by the clock of who keeps it. */
  readonly modifiedMs: number;
}

/** The files of backups, apart from content. */
export interface BackupFileReader {
  /** Every file of every backup, finished or not, in no order. */
  list(): AsyncIterable<FoundBackupFile>;
  /** A small one, whole; undefined where there is none. */
  read(name: BackupName, file: BackupFile): Promise<Uint8Array | undefined>;
  open(name: BackupName, file: BackupFile): Promise<Content | undefined>;
}

export interface BackupFiles extends BackupFileReader {
  /** Keeps a small one whole, in place of what was there. */
  put(name: BackupName, file: BackupFile, bytes: Uint8Array): Promise<void>;
  /** Keeps one of any length: it is whole under its name or not there. */
  write(
    name: BackupName,
    file: BackupFile,
    bytes: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<{ readonly sizeBytes: number; readonly sha256: string }>;
  remove(name: BackupName, file: BackupFile): Promise<void>;
}

/** Far more than what is not a dump ever has. */
const SMALL_BYTES = 64 * 1024 * 1024;
const ALGORITHM: Algorithm = 'sha256';

export function createBackupFileReader(objects: Pick<Objects, 'open' | 'list'>): BackupFileReader {
  return {
    async *list() {
      for await (const { key, sizeBytes, modifiedMs } of objects.list(BACKUPS)) {
        const found = findBackupFile(key);
        if (found) yield { ...found, sizeBytes, modifiedMs };
      }
    },
    async read(name, file) {
      const content = await objects.open(backupKey(name, file));
      return content && gather(content, SMALL_BYTES);
    },
    open: (name, file) => objects.open(backupKey(name, file)),
  };
}

export function createBackupFiles(
  { objects, staging }: Pick<Driver, 'objects' | 'staging'>,
  uploads: Pick<UploadManager, 'append' | 'digest' | 'discard'>,
  uuid: () => string,
): BackupFiles {
  return {
    ...createBackupFileReader(objects),
    put: (name, file, bytes) => objects.put(backupKey(name, file), bytes),
    remove: (name, file) => objects.remove(backupKey(name, file)),
    async write(name, file, bytes, signal) {
      const id = findUploadId(uuid());
      if (!id) throw new TypeError('the maker of UUIDs gave something else');
      let state: string | undefined;
      try {
        const options = { algorithm: ALGORITHM, sync: false, signal };
        const appended = await uploads.append(id, { offsetBytes: 0 }, bytes, options);
        const { position } = appended;
        state = position.state;
        if (appended.kind === 'broken') throw appended.cause;
        const digest = position.digest ?? (await uploads.digest(id, position, ALGORITHM));
        await staging.publish(uploadKey(id), backupKey(name, file), position.offsetBytes, state);
        return { sizeBytes: position.offsetBytes, sha256: encodedOf(digest) };
      } finally {
        await uploads.discard(id, state);
      }
    },
  };
}
