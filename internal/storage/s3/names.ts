import type { Key } from '../driver.ts';
import { BACKUPS, BLOBS, childKey, MANIFESTS, UPLOADS } from '../layout.ts';

/** The names that keys have in a bucket. */
export interface Names {
  readonly Bucket: string;
  /** What all names start with: nothing, or a path that ends in a slash. */
  readonly prefix: string;
  readonly full: (key: Key) => string;
  /** The key of such a name; undefined where it is none of ours. */
  readonly key: (name: string) => Key | undefined;
  /** As a copy names its source: with the bucket, and encoded as in a URL. */
  readonly source: (key: Key) => string;
}

const FOLDERS = [BLOBS, MANIFESTS, UPLOADS, BACKUPS];

export function createNames(bucket: string, path = ''): Names {
  const prefix = path === '' || path.endsWith('/') ? path : `${path}/`;
  const full = (key: Key): string => prefix + key;
  return {
    Bucket: bucket,
    prefix,
    full,
    key: (name) => {
      const key = name.startsWith(prefix) ? name.slice(prefix.length) : '';
      const folder = FOLDERS.find((each) => key.startsWith(`${each}/`));
      return folder && childKey(folder, key.slice(folder.length + 1));
    },
    source: (key) => `${bucket}/${full(key)}`.split('/').map(encodeURIComponent).join('/'),
  };
}
