import { constants } from 'node:fs';
import { join } from 'node:path';
import type { Space } from '../driver.ts';
import { attempt, codeOf } from './failures.ts';
import type { FileSystem } from './file-system.ts';

/** Beside the folders of the layout, where no key leads. */
const RESERVE = '.reserve';
const PIECE = Buffer.alloc(1024 * 1024, 0x5a);

/** The room on the disk that the folder is on, and a file that holds some of it back. */
export function createSpace(folder: string, { files, paths }: FileSystem): Space {
  const path = join(folder, RESERVE);

  async function sizeOfReserve(): Promise<number> {
    try {
      return (await paths.stat(path)).sizeBytes;
    } catch (failure) {
      if (codeOf(failure) === 'ENOENT') return 0;
      throw failure;
    }
  }

  async function fill(file: number, fromBytes: number, toBytes: number): Promise<void> {
    for (let at = fromBytes; at < toBytes;) {
      at += await files.write(file, PIECE.subarray(0, Math.min(PIECE.length, toBytes - at)), at);
    }
    await files.sync(file, 'all');
  }

  return {
    free: () =>
      attempt('tell how much room there is', async () => ({
        ...(await paths.space(folder)),
        reservedBytes: await sizeOfReserve(),
      })),
    async keepReserve(sizeBytes) {
      const stored = await sizeOfReserve();
      if (stored >= sizeBytes) return;
      const file = await files.open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
      try {
        await fill(file, stored, sizeBytes);
      } finally {
        await files.close(file);
      }
    },
    async releaseReserve() {
      try {
        await paths.unlink(path);
        return true;
      } catch (failure) {
        if (codeOf(failure) === 'ENOENT') return false;
        throw failure;
      }
    },
  };
}
