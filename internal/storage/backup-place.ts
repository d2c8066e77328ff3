import { resolve } from 'node:path';

/** Where backups are kept. */
export type BackupPlace =
  Readonly<{ kind: 'folder'; path: string }> | Readonly<{ kind: 's3'; bucket: string; prefix: string | undefined }>;

const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/;
const PREFIX = /^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*\/?$/;

/** Reads a folder's path, or `s3://bucket/prefix`; what it must be where it is neither. A path may start at `cwd`. */
export function parseBackupPlace(text: string, cwd: string): BackupPlace | string {
  if (text === '') return 'must be a folder or s3://bucket/prefix';
  const [, scheme, rest = ''] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/s.exec(text) ?? [];
  if (scheme === undefined)
    return text.includes('\0') ? 'must be a folder' : { kind: 'folder', path: resolve(cwd, text) };
  if (scheme.toLowerCase() !== 's3') return 'must be a folder or s3://bucket/prefix, without any other scheme';
  const [bucket = '', ...segments] = rest.split('/');
  // Credentials in a URL would be seen wherever it is: they have settings of their own.
  if (!BUCKET.test(bucket)) return 'must name a bucket after s3://, and nothing but the bucket';
  const prefix = segments.join('/');
  if (prefix !== '' && !PREFIX.test(prefix)) return 'must be s3://bucket/prefix with a prefix such as registry/blue';
  return { kind: 's3', bucket, prefix: prefix === '' ? undefined : prefix };
}

/** The place as people write it. */
export function formatBackupPlace(place: BackupPlace): string {
  if (place.kind === 'folder') return place.path;
  return `s3://${place.bucket}${place.prefix === undefined ? '' : `/${place.prefix}`}`;
}
