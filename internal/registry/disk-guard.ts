import { OciError } from '../../pkg/oci/index.ts';
import type { Space } from '../storage/index.ts';

/** Watches the disk under storage: nothing new comes in when little is left, while reads and deletes go on. */
export interface DiskGuard {
  /** How many bytes may still come in; STORAGE_FULL where none may. */
  room(): Promise<number>;
  isLow(): Promise<boolean>;
  /** Holds some room back for deletes, where there is enough for that. */
  keepReserve(): Promise<void>;
  /** Gives that room to whoever frees more by it. False where there was none. */
  giveReserve(): Promise<boolean>;
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

/** For so long one look at the disk does. */
const LOOK_MS = 1000;

export function createDiskGuard({ space, minFree, reserveBytes, clock }: DiskGuardDeps): DiskGuard {
  let looked: { readonly atMs: number; readonly bytes: Promise<number> } | undefined;

  async function look(disk: Space): Promise<number> {
    const { freeBytes, totalBytes, reservedBytes } = await disk.free();
    const least = minFree.kind === 'bytes' ? minFree.bytes : Math.floor((totalBytes * minFree.percent) / 100);
    // What deletes were given, or are still to be given, is nobody else's.
    return freeBytes - least - Math.max(0, reserveBytes - reservedBytes);
  }

  /** More than is to be left free; below 0 where less is. */
  function leftBytes(): Promise<number> {
    if (!space) return Promise.resolve(Number.POSITIVE_INFINITY);
    const nowMs = clock();
    if (!looked || Math.abs(nowMs - looked.atMs) >= LOOK_MS) looked = { atMs: nowMs, bytes: look(space) };
    return looked.bytes;
  }

  return {
    async room() {
      const bytes = await leftBytes();
      if (bytes <= 0) throw lowOnDisk();
      return bytes;
    },
    isLow: async () => (await leftBytes()) <= 0,
    async keepReserve() {
      if (reserveBytes === 0) await space?.releaseReserve();
      else if ((await leftBytes()) > 0) await space?.keepReserve(reserveBytes);
    },
    giveReserve: async () => (await space?.releaseReserve()) ?? false,
  };
}

export const lowOnDisk = (): OciError =>
  new OciError('STORAGE_FULL', 'the disk is nearly full: what is here can be read and deleted, nothing new comes in');

/** `2%`, or bytes as `512MiB` that `parseBytes` reads; undefined for anything else. */
export function findMinFree(text: string, parseBytes: (text: string) => number | undefined): MinFree | undefined {
  const percent = /^(\d{1,2}(?:\.\d{1,3})?)%$/.exec(text)?.[1];
  if (percent !== undefined) return { kind: 'share', percent: Number(percent) };
  const bytes = /^\d+$/.test(text) ? Number(text) : parseBytes(text);
  return bytes === undefined || !Number.isSafeInteger(bytes) ? undefined : { kind: 'bytes', bytes };
}
