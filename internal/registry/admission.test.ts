import { describe, expect, it } from '@jest/globals';
import { createAdmission } from './admission.ts';
import { createDiskGuard } from './disk-guard.ts';
import { repository } from './fixtures.suite.ts';
import type { Quotas } from './quotas.ts';

const MIB = 1024 * 1024;
const CHUNK = Buffer.alloc(MIB);
const LEAST = 10 * MIB;
const NAME = repository('team/app');
const FULL = { code: 'STORAGE_FULL' };

const NO_QUOTAS: Quotas = {
  of: () => [],
  hold: async () => ({ isBounded: false, take: async () => undefined, release: () => undefined }),
};

/** A disk with so many bytes above what is to stay free, which takes what an admitted body yields. */
function diskWith(roomBytes: number) {
  const clock = { nowMs: 0 };
  const disk = { freeBytes: LEAST + roomBytes, least: LEAST + roomBytes };
  const guard = createDiskGuard({
    space: {
      async free() {
        const { freeBytes } = disk;
        await turn();
        return { freeBytes, totalBytes: 1000 * MIB, reservedBytes: 0 };
      },
      keepReserve: async () => undefined,
      releaseReserve: async () => false,
    },
    minFree: { kind: 'bytes', bytes: LEAST },
    reserveBytes: 0,
    clock: () => clock.nowMs,
  });
  const admission = createAdmission(NO_QUOTAS, guard);

  /** Writes each piece a while after it has come, up to `lagPieces` behind. Answers how much it kept. */
  async function upload(sizeBytes: number, options: Partial<Upload> = {}): Promise<number> {
    const { isAnnounced = true, isKept = true, lagPieces = 0, wait = turn } = options;
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let left = sizeBytes; left > 0; left -= MIB) {
        await wait();
        yield left < MIB ? CHUNK.subarray(0, left) : CHUNK;
      }
    }
    const sent = { stream: pieces(), ...(isAnnounced && { expectedBytes: sizeBytes }) };
    const { body, release } = await admission.admit(NAME, sent);
    let writtenBytes = 0;
    const late: number[] = [];
    const write = (most: number): void => {
      while (late.length > most) {
        const bytes = late.shift() ?? 0;
        writtenBytes += bytes;
        disk.freeBytes -= bytes;
        disk.least = Math.min(disk.least, disk.freeBytes);
      }
    };
    try {
      for await (const piece of body.stream) {
        late.push(piece.length);
        write(lagPieces);
      }
      write(0);
      if (isKept) return writtenBytes;
    } catch (failure) {
      disk.freeBytes += writtenBytes;
      throw failure;
    } finally {
      release();
    }
    disk.freeBytes += writtenBytes;
    return 0;
  }

  return { clock, disk, upload };
}

interface Upload {
  readonly isAnnounced: boolean;
  readonly isKept: boolean;
  readonly lagPieces: number;
  readonly wait: () => Promise<void>;
}

const turn = (): Promise<void> => new Promise(setImmediate);

/** The same numbers for the same seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('room on the disk', () => {
  it('is given once, to uploads of which none is looked at while it comes', async () => {
    const { disk, upload } = diskWith(100 * MIB);
    const done = await Promise.allSettled(Array.from({ length: 20 }, () => upload(16 * MIB)));
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(6);
    expect(disk.least).toBe(LEAST + 4 * MIB);
  });

  it('is taken piece by piece where nobody says how much comes', async () => {
    const { disk, upload } = diskWith(100 * MIB);
    const done = await Promise.allSettled(Array.from({ length: 20 }, () => upload(16 * MIB, { isAnnounced: false })));
    const refused = done.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const each of refused) expect(each).toMatchObject({ reason: FULL });
    expect(disk.least).toBe(LEAST);
  });

  it.each(Array.from({ length: 40 }, (_, seed) => [seed]))(
    'is never below what is to stay free, whoever brings what (seed %i)',
    async (seed) => {
      const below = numbers(seed);
      const { clock, disk, upload } = diskWith(150 * MIB);
      const wait = async (): Promise<void> => {
        clock.nowMs += below(4);
        for (let turns = below(4); turns > 0; turns -= 1) await turn();
      };
      const some = Array.from({ length: 40 }, async () => {
        for (let waits = below(60); waits > 0; waits -= 1) await wait();
        const [isAnnounced, isKept, lagPieces] = [below(2) === 0, below(3) === 0, below(17)];
        return upload(1 + below(40 * MIB), { isAnnounced, isKept, lagPieces, wait });
      });
      const done = await Promise.allSettled(some);
      const failures = done.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
      expect(failures).toEqual(failures.map(() => expect.objectContaining(FULL)));
      expect(disk.least).toBeGreaterThanOrEqual(LEAST);
      // Nothing stays promised: what is left is for whoever comes next, to the last byte.
      const leftBytes = disk.freeBytes - LEAST;
      expect(await upload(leftBytes)).toBe(leftBytes);
    },
  );

  it('is gone with what came since it was looked last', async () => {
    const { disk, upload } = diskWith(30 * MIB);
    await upload(20 * MIB);
    await expect(upload(20 * MIB, { isAnnounced: false })).rejects.toMatchObject(FULL);
    expect(disk.least).toBe(LEAST);
  });

  it('is free at once when an upload was broken off, without waiting for the next look', async () => {
    const { upload } = diskWith(30 * MIB);
    await expect(upload(20 * MIB, { isKept: false })).resolves.toBe(0);
    await expect(upload(30 * MIB)).resolves.toBe(30 * MIB);
  });

  it('ends for an upload that was let in where others fill the disk meanwhile', async () => {
    const { clock, disk, upload } = diskWith(100 * MIB);
    let pieces = 0;
    const wait = async (): Promise<void> => {
      pieces += 1;
      clock.nowMs += 100;
      if (pieces === 20) disk.freeBytes -= 90 * MIB;
    };
    await expect(upload(60 * MIB, { wait })).rejects.toMatchObject(FULL);
    expect(pieces).toBe(32);
  });
});
