import { createHash } from 'node:crypto';
import { open, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeFolders } from '../../files/index.ts';
import { toGoTime } from './go-time.ts';
import { BLOBS, blobPath, DATABASE, TABLES, TEMPORARY } from './layout.ts';
import type { FoundryRow, NewFoundryFolder } from './types.ts';

const isThere = async (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Writes the content and syncs it; its SHA-256 in hex. */
async function writeFile(path: string, content: AsyncIterable<Uint8Array>): Promise<string> {
  const file = await open(path, 'wx');
  try {
    const sum = createHash('sha256');
    for await (const chunk of content) {
      sum.update(chunk);
      await file.writeFile(chunk);
    }
    await file.sync();
    return sum.digest('hex');
  } finally {
    await file.close();
  }
}

/** Makes a data folder for the reference server; undefined where something is in it already. */
export async function createFoundryFolder(folder: string): Promise<NewFoundryFolder | undefined> {
  await makeFolders(folder);
  if ((await readdir(folder)).length > 0) return undefined;
  for (const name of [BLOBS, TEMPORARY]) await mkdir(join(folder, name));
  const database = new DatabaseSync(join(folder, DATABASE));
  database.exec(TABLES);
  database.exec('BEGIN');
  const addPackage = database.prepare('INSERT INTO packages (name) VALUES (?) ON CONFLICT (name) DO NOTHING');
  const addArtifact = database.prepare(
    'INSERT INTO artifacts (package_id, version, hash, size, uploaded_at) SELECT id, ?, ?, ?, ? FROM packages WHERE name = ?',
  );
  return {
    async putBlob(hash, content) {
      const path = blobPath(folder, hash);
      if (path === undefined) throw new Error(`${hash} is no hash`);
      if (await isThere(path)) return;
      const temporary = join(folder, TEMPORARY, `upload-${hash}`);
      try {
        const found = await writeFile(temporary, content);
        if (found !== hash) throw new Error(`the content of ${hash} is ${found}`);
        await makeFolders(dirname(path));
        await rename(temporary, path);
      } finally {
        await rm(temporary, { force: true });
      }
    },
    addRow({ package: name, version, hash, sizeBytes, uploadedAt }: FoundryRow) {
      addPackage.run(name);
      addArtifact.run(version, hash, sizeBytes, toGoTime(uploadedAt), name);
    },
    close() {
      database.exec('COMMIT');
      database.close();
    },
  };
}
