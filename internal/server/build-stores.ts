import { join } from 'node:path';
import { v4 } from 'uuid';
import { openCatalog, type Catalog } from '../catalog/index.ts';
import type { Logger } from '../log/index.ts';
import type { DiskGuard } from '../registry/index.ts';
import { openStorage, type Storage } from '../storage/index.ts';
import { buildDiskGuard } from './build-disk.ts';
import { makeCatalogFolder, onlyComplete } from './look-before-serving.ts';
import type { Config } from './options.ts';
import { spareDeletes } from './sparing-catalog.ts';
import { opening } from './start-failure.ts';

export interface StoresDeps {
  readonly config: Config;
  readonly log: Logger;
  /** Told when a store is away and when it is back. */
  readonly outages: Pick<Logger, 'info' | 'error'>;
  readonly clock: () => number;
  /** As in `PartDeps`. */
  readonly onGarbage: (count: number) => void;
}

/** All that is kept, and what looks after the room for it. */
export interface Stores {
  readonly storage: Storage;
  readonly catalog: Catalog;
  readonly disk: DiskGuard;
  close(): Promise<void>;
}

/** Opens storage and catalog, both or none. */
export async function openStores(deps: StoresDeps): Promise<Stores> {
  const { config, log, outages, clock, onGarbage } = deps;
  const storage = await opening('storage', () =>
    openStorage(config, {
      clock,
      uuid: v4,
      onSkipped: (key, reason) => log.warn('A record in storage cannot be read', { key, reason }),
      log: outages,
      onGarbage,
    }),
  );
  log.info('Storage initialized', { type: config['storage.type'], path: config['storage.path'] });
  try {
    const disk = buildDiskGuard(config, storage, clock);
    const catalog = await opening('catalog', () => openServedCatalog(deps, disk));
    return {
      storage,
      catalog,
      disk,
      async close() {
        await catalog.close();
        await storage.close();
      },
    };
  } catch (failure) {
    await storage.close();
    throw failure;
  }
}

async function openServedCatalog({ config, outages }: StoresDeps, disk: DiskGuard): Promise<Catalog> {
  const path = join(config['storage.path'], 'catalog.db');
  await makeCatalogFolder(config, path);
  const catalog = await openCatalog(config, {
    path,
    durability: config['storage.durability'],
    memory: config['storage.type'] === 'memory',
    log: outages,
  });
  try {
    return await onlyComplete(
      spareDeletes(catalog, () => disk.giveReserve()),
      outages,
    );
  } catch (failure) {
    await catalog.close();
    throw failure;
  }
}
