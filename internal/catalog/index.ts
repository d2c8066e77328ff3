import { unreachable } from '../../pkg/oci/index.ts';
import type { CatalogConfig } from './options.ts';
import type { Catalog } from './types.ts';

export * from './dump-rows.ts';
export * from './leases.ts';
export * from './log-hash.ts';
export * from './options.ts';
export * from './types.ts';

export interface CatalogDeps {
  /** The file where `catalog.path` is not set: `catalog.db` in the storage's folder. Its folder must be there. */
  readonly path: string;
  /** As `storage.durability`: `os` leaves it to the operating system when a commit reaches the disk. */
  readonly durability: 'full' | 'os';
  /** A catalog that is gone when it is closed, and leaves no file. */
  readonly memory?: boolean;
}

/**
 * Opens the catalog, made or brought up to date where needed; several processes may do so at once. Throws a
 * CatalogError: `newer` where a later version has changed it.
 */
export async function openCatalog(config: CatalogConfig, deps: CatalogDeps): Promise<Catalog> {
  const type = config['catalog.type'];
  switch (type) {
    case 'sqlite': {
      const { openFileCatalog, openMemoryCatalog } = await import('./sqlite/catalog.ts');
      if (deps.memory) return openMemoryCatalog();
      return openFileCatalog({ path: config['catalog.path'] ?? deps.path, durability: deps.durability });
    }
    default:
      return unreachable(type);
  }
}
