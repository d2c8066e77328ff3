import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freshRepository, putBlob, SIZE } from '../fixtures.suite.ts';
import { openFileCatalog } from './catalog.ts';
import { quiesce } from './quiesce.ts';

describe('quiesce', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'catalog-quiesce-'));
    path = join(folder, 'catalog.db');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('tells that a process has the file open, though it does nothing with it', async () => {
    const catalog = await openFileCatalog({ path, durability: 'os' });
    expect(quiesce(path)).toBe('in use');
    await putBlob(catalog, freshRepository(), 'still works');
    await catalog.close();
    expect(quiesce(path)).toBe('free');
  });

  it('gathers what a process that was killed left in the write-ahead log', async () => {
    const repository = freshRepository();
    const killed = await openFileCatalog({ path, durability: 'os' });
    const blob = await putBlob(killed, repository, 'kept');
    const left = join(folder, 'left.db');
    for (const end of ['', '-wal']) copyFileSync(`${path}${end}`, `${left}${end}`);
    await killed.close();
    expect(quiesce(left)).toBe('free');
    expect(existsSync(`${left}-wal`)).toBe(false);
    const again = await openFileCatalog({ path: left, durability: 'os' });
    expect(await again.queries.findBlob(repository, blob)).toEqual({ sizeBytes: SIZE });
    await again.close();
  });

  it('tells of a file that is no database', () => {
    writeFileSync(path, 'this is a text and not a database, and long enough to be looked at'.repeat(20));
    expect(quiesce(path)).toBe('unreadable');
  });
});
