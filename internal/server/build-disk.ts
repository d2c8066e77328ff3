import { parseBytes } from '../config/index.ts';
import type { Job } from '../jobs/index.ts';
import type { Logger } from '../log/index.ts';
import { createDiskGuard, findMinFree, type DiskGuard } from '../registry/index.ts';
import type { Storage } from '../storage/index.ts';
import { LEASE_MS, LOOK_MS } from './job-times.ts';
import type { Config } from './options.ts';

export function buildDiskGuard(config: Config, storage: Storage, clock: () => number): DiskGuard {
  const minFree = findMinFree(config['storage.min_free'], parseBytes) ?? { kind: 'bytes', bytes: 0 };
  const isOff = minFree.kind === 'bytes' ? minFree.bytes === 0 : minFree.percent === 0;
  const space = isOff ? undefined : storage.space;
  return createDiskGuard({ space, minFree, reserveBytes: config['storage.reserve'], clock });
}

interface Deps {
  readonly disk: DiskGuard;
  readonly log: Logger;
}

/** Holds the reserve back, again when there is room after it was needed; and tells the log when room gets short. */
export function diskJob({ disk, log }: Deps): Job {
  let wasLow = false;
  return {
    name: 'disk-reserve',
    intervalMs: LOOK_MS,
    leaseMs: LEASE_MS,
    run: async () => {
      const isLow = await disk.isLow();
      if (isLow !== wasLow) {
        if (isLow) log.error('The disk is nearly full: uploads are refused until something is deleted');
        else log.info('There is room on the disk again: uploads are accepted');
      }
      wasLow = isLow;
      await disk.keepReserve();
    },
  };
}
