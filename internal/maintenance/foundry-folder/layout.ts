import { join } from 'node:path';

/** foundry contract, section 6. */
export const DATABASE = 'registry.db';
export const BLOBS = 'blobs';
export const TEMPORARY = 'tmp';

const HASH = /^[0-9a-f]{64}$/;

/** Where a blob is; undefined for what is no hash, which might lead anywhere. */
export const blobPath = (folder: string, hash: string): string | undefined =>
  HASH.test(hash) ? join(folder, BLOBS, hash.slice(0, 2), hash) : undefined;

export const TABLES = `
CREATE TABLE packages (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);
CREATE TABLE artifacts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  package_id INTEGER NOT NULL REFERENCES packages(id),
  version TEXT NOT NULL,
  hash TEXT NOT NULL,
  size INTEGER NOT NULL,
  uploaded_at DATETIME NOT NULL,
  UNIQUE(package_id, version)
);
CREATE INDEX idx_artifacts_hash ON artifacts(hash);
`;
