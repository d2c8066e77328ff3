import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openTempFolder, type TempFolder } from '../../testing/temp-folder.ts';
import { FILE_SYSTEM } from './file-system.ts';
import { createSpace } from './space.ts';

const PIECE = 1024 * 1024;

describe('the room on a disk', () => {
  let folder: TempFolder;
  beforeEach(async () => {
    folder = await openTempFolder('space');
  });
  afterEach(() => folder.remove());

  it('is told as the file system does', async () => {
    const { freeBytes, totalBytes } = await createSpace(folder.path, FILE_SYSTEM).free();
    expect(freeBytes).toBeGreaterThan(0);
    expect(totalBytes).toBeGreaterThanOrEqual(freeBytes);
  });

  it('cannot be told while the folder is away, which is a failure of storage', async () => {
    const space = createSpace(join(folder.path, 'away'), FILE_SYSTEM);
    await expect(space.free()).rejects.toMatchObject({ name: 'StorageError', failure: 'broken' });
  });

  it('is held back in a file that has blocks of its own, and given back', async () => {
    const space = createSpace(folder.path, FILE_SYSTEM);
    await space.keepReserve(PIECE / 2);
    await space.keepReserve(2 * PIECE);
    const { size, blocks } = await stat(join(folder.path, '.reserve'));
    expect(size).toBe(2 * PIECE);
    expect(blocks * 512).toBeGreaterThanOrEqual(size);
    expect(await space.releaseReserve()).toBe(true);
    expect(await space.releaseReserve()).toBe(false);
  });
});
