import { OciError } from '../../pkg/oci/index.ts';
import type { Space } from '../storage/index.ts';

/** Watches the disk under storage: nothing new comes in when little is left, while reads and deletes go on. */
export interface DiskGuard {
  /** Begins to count what comes. STORAGE_FULL where nothing more may. */
  hold(): Promise<DiskHold>;
  isLow(): Promise<boolean>;
  /** Holds some room back for deletes, where there is enough for that. */
  keepReserve(): Promise<void>;
  /** Gives that room to whoever frees more by it. False where there was none. */
  giveReserve(): Promise<boolean>;
}

/** What is under way to the disk: nobody else is let in for its room, from when it is taken until a look has seen it. */
export interface DiskHold {
  readonly isBounded: boolean;
  /** Room for so many bytes more, beside all that is under way here. STORAGE_FULL where there is none. */
  take(bytes: number): Promise<void>;
  /** So many of those that were taken are on the disk, where the next look sees them. */
  wrote(bytes: number): void;
  /** Whether what was promised can still be kept: others write to the disk too. STORAGE_FULL where it is low. */
  check(): Promise<void>;
  /** To be called when nothing more comes, also where nothing has come. */
  release(): void;
}

export interface DiskGuardDeps {
  /** Undefined where storage knows no end. */
  readonly space: Space | undefined;
  /** As `storage.min_free` says it: `2%`, or bytes. */
  readonly minFree: MinFree;
  readonly reserveBytes: number;
  readonly clock: () => number;
}

export type MinFree = Readonly<{ kind: 'share'; percent: number } | { kind: 'bytes'; bytes: number }>;

/** Free beyond what is to stay free, and what had been written when it was asked. */
interface Look {
  readonly atMs: number;
  readonly writtenBytes: number;
  readonly bytes: Promise<number>;
}

/** For so long one look at the disk does. */
const LOOK_MS = 1000;

export function createDiskGuard({ space, minFree, reserveBytes, clock }: DiskGuardDeps): DiskGuard {
  let looked: Look | undefined;
  /** Taken and not on the disk yet; and what came to the disk since the start. Of this process alone. */
  let [promisedBytes, writtenBytes] = [0, 0];

  async function look(disk: Space): Promise<number> {
    const { freeBytes, totalBytes, reservedBytes } = await disk.free();
    const least = minFree.kind === 'bytes' ? minFree.bytes : Math.floor((totalBytes * minFree.percent) / 100);
    // What deletes were given, or are still to be given, is nobody else's.
    return freeBytes - least - Math.max(0, reserveBytes - reservedBytes);
  }

  function lookAgain(disk: Space): Look {
    looked = { atMs: clock(), writtenBytes, bytes: look(disk) };
    return looked;
  }

  /** The last look, where it is not too long ago. */
  function lately(disk: Space): Look {
    return looked && Math.abs(clock() - looked.atMs) < LOOK_MS ? looked : lookAgain(disk);
  }

  /** More than is to be left free; below 0 where less is. */
  const leftBytes = async (): Promise<number> => (space ? lately(space).bytes : Number.POSITIVE_INFINITY);

  /** Whether there is room beside what others were promised. What was written since the look began may be in it or not. */
  function hasRoom(bytes: number, leftThen: number, at: Look): boolean {
    const room = leftThen - (writtenBytes - at.writtenBytes) - promisedBytes;
    return room > 0 && bytes <= room;
  }

  async function take(disk: Space, bytes: number): Promise<void> {
    let at = lately(disk);
    let left = await at.bytes;
    if (!hasRoom(bytes, left, at)) {
      // What was counted twice, or is deleted by now: nobody is refused for that.
      at = lookAgain(disk);
      left = await at.bytes;
    }
    if (!hasRoom(bytes, left, at)) throw lowOnDisk(); // from here to the sum nobody comes in between
    promisedBytes += bytes;
  }

  return {
    async hold() {
      if (!space) return UNBOUNDED;
      await take(space, 0);
      let heldBytes = 0;
      const wrote = (bytes: number): void => {
        heldBytes -= bytes;
        promisedBytes -= bytes;
        writtenBytes += bytes;
      };
      return {
        isBounded: true,
        async take(bytes) {
          await take(space, bytes);
          heldBytes += bytes;
        },
        wrote,
        async check() {
          if ((await leftBytes()) <= 0) throw lowOnDisk();
        },
        release: () => wrote(heldBytes),
      };
    },
    isLow: async () => (await leftBytes()) <= 0,
    async keepReserve() {
      if (reserveBytes === 0) await space?.releaseReserve();
      else if ((await leftBytes()) > 0) await space?.keepReserve(reserveBytes);
    },
    giveReserve: async () => (await space?.releaseReserve()) ?? false,
  };
}

/** Where nobody watches a disk. */
export const UNBOUNDED: DiskHold = {
  isBounded: false,
  take: async () => undefined,
  wrote: () => undefined,
  check: async () => undefined,
  release: () => undefined,
};

const lowOnDisk = (): OciError =>
  new OciError('STORAGE_FULL', 'the disk is nearly full: what is here can be read and deleted, nothing new comes in');

/** `2%`, or bytes as `512MiB` that `parseBytes` reads; undefined for anything else. */
export function findMinFree(text: string, parseBytes: (text: string) => number | undefined): MinFree | undefined {
  const percent = /^(\d{1,2}(?:\.\d{1,3})?)%$/.exec(text)?.[1];
  if (percent !== undefined) return { kind: 'share', percent: Number(percent) };
  const bytes = /^\d+$/.test(text) ? Number(text) : parseBytes(text);
  return bytes === undefined || !Number.isSafeInteger(bytes) ? undefined : { kind: 'bytes', bytes };
}
