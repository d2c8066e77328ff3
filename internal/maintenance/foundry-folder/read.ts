import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { findGoTime } from './go-time.ts';
import { blobPath, DATABASE } from './layout.ts';
import type { FoundryFolder, FoundryRow } from './types.ts';

const ROWS = `
SELECT packages.name AS package, artifacts.version, artifacts.hash, artifacts.size, CAST(uploaded_at AS TEXT) AS uploaded_at
FROM artifacts JOIN packages ON packages.id = artifacts.package_id ORDER BY artifacts.id
`;

const isFile = async (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

function toRow(row: Readonly<Record<string, unknown>>): FoundryRow {
  const text = String(row['uploaded_at']);
  return {
    package: String(row['package']),
    version: String(row['version']),
    hash: String(row['hash']).toLowerCase(),
    sizeBytes: Number(row['size']),
    uploadedAt: findGoTime(text) ?? text,
  };
}

/** Opens the data folder of a reference server, which must not be running; undefined where the folder is none. */
export async function openFoundryFolder(folder: string): Promise<FoundryFolder | undefined> {
  const path = join(folder, DATABASE);
  if (!(await isFile(path))) return undefined;
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const counted = database.prepare('SELECT count(*) AS count FROM artifacts').get();
    const rows = database.prepare(ROWS);
    return {
      count: Number(counted?.['count']),
      *rows() {
        for (const row of rows.iterate()) yield toRow(row);
      },
      async openBlob(hash) {
        const file = blobPath(folder, hash);
        return file !== undefined && (await isFile(file)) ? createReadStream(file) : undefined;
      },
      close: () => database.close(),
    };
  } catch (failure) {
    database.close();
    throw failure;
  }
}
