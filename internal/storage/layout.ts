import {
  algorithmOf,
  encodedOf,
  findDigest,
  findRepositoryName,
  findTag,
  findUploadId,
  unreachable,
  type Algorithm,
  type Digest,
  type RepositoryName,
  type Tag,
  type UploadId,
} from '../../pkg/oci/index.ts';
import type { Key } from './driver.ts';
import { BACKUP_FILES, findBackupName, type BackupFile, type BackupName } from './backup-name.ts';

/** What is kept under a key. */
export type Stored =
  | Readonly<{ kind: 'blob'; digest: Digest }>
  | Readonly<{ kind: 'record'; repository: RepositoryName; name: Tag | Digest }>
  | Readonly<{ kind: 'upload'; id: UploadId }>;

/** The three folders that there are at the top. */
export const BLOBS = 'blobs' as Key;
export const MANIFESTS = 'manifests' as Key;
export const UPLOADS = 'uploads' as Key;
/** One more where backups are kept, beside their content. */
export const BACKUPS = 'backups' as Key;

/** File systems take names of at most so many bytes. */
const SEGMENT_BYTES = 255;

export function blobKey(digest: Digest): Key {
  const hex = encodedOf(digest);
  return `${BLOBS}/${algorithmOf(digest)}/${hex.slice(0, 2)}/${hex.slice(2, 4)}/${hex}` as Key;
}

export function recordKey(repository: RepositoryName, name: Tag | Digest): Key {
  return `${MANIFESTS}/${repository.replaceAll('/', '!')}/${nameSegment(name)}` as Key;
}

/** An upload in progress, and whatever else is on its way to its place: what stays behind is found and expires there. */
export function uploadKey(id: UploadId): Key {
  return `${UPLOADS}/${id}` as Key;
}

/** A folder of blobs: those of an algorithm whose digests begin with these two characters. */
export function shelfKey(algorithm: Algorithm, beginning: string): Key {
  return `${BLOBS}/${algorithm}/${beginning}` as Key;
}

export function backupKey(name: BackupName, file: BackupFile): Key {
  return `${BACKUPS}/${name}.${file}` as Key;
}

/** What is kept under a key of a backup; undefined where no backup has such a file. */
export function findBackupFile(key: Key): { readonly name: BackupName; readonly file: BackupFile } | undefined {
  const [, last = '', ...more] = key.split('/');
  const [stem = '', ...ends] = last.split('.');
  const name = findBackupName(stem);
  const file = BACKUP_FILES.find((each) => each === ends.join('.'));
  return name && file && more.length === 0 ? { name, file } : undefined;
}

/** The key of an entry of a folder, as a driver finds it when listing; it need not be one of ours. */
export function childKey(folder: Key, name: string): Key {
  return `${folder}/${name}` as Key;
}

/** What is kept under the key; undefined where no function of this file makes such a key. */
export function findStored(key: Key): Stored | undefined {
  const stored = readKey(key.split('/'));
  return stored && keyOf(stored) === key ? stored : undefined;
}

function keyOf(stored: Stored): Key {
  switch (stored.kind) {
    case 'blob':
      return blobKey(stored.digest);
    case 'record':
      return recordKey(stored.repository, stored.name);
    case 'upload':
      return uploadKey(stored.id);
    default:
      return unreachable(stored);
  }
}

function readKey([top, ...rest]: readonly string[]): Stored | undefined {
  if (top === BLOBS) {
    const digest = findDigest(`${rest[0]}:${rest[3]}`);
    return digest && { kind: 'blob', digest };
  }
  if (top === MANIFESTS) {
    const repository = findRepositoryName(rest[0]?.replaceAll('!', '/') ?? '');
    const name = findName(rest[1] ?? '');
    return repository && name && { kind: 'record', repository, name };
  }
  const id = top === UPLOADS ? findUploadId(rest[0] ?? '') : undefined;
  return id && { kind: 'upload', id };
}

/**
 * `V1` is `!v1`, so that it is not `v1` where case is ignored either. The one kind of tag that grows past what a
 * file system takes, 128 upper-case letters, is `!!` and all of it in lower case; elsewhere a letter follows each `!`.
 */
function nameSegment(name: Tag | Digest): string {
  const segment = name.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
  return segment.length <= SEGMENT_BYTES ? segment : `!!${name.toLowerCase()}`;
}

function findName(segment: string): Tag | Digest | undefined {
  if (segment.includes(':')) return findDigest(segment);
  if (segment.startsWith('!!')) return findTag(segment.slice(2).toUpperCase());
  return findTag(segment.replace(/!([a-z])/g, (_, letter: string) => letter.toUpperCase()));
}
