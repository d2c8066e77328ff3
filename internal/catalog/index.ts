import { unreachable } from '../../pkg/oci/index.ts';
import type { CatalogLog } from './catalog-log.ts';
import type { CatalogConfig } from './options.ts';
import type { PostgresSettings } from './postgres/settings.ts';
import type { FileUse } from './sqlite/quiesce.ts';
import { CatalogError, type Catalog } from './types.ts';

export * from './catalog-log.ts';
export { TAKEOVER_MS } from './deletions.ts';
export * from './dump-rows.ts';
export * from './leases.ts';
export * from './log-hash.ts';
export * from './options.ts';
export type { FileUse } from './sqlite/quiesce.ts';
export * from './types.ts';

export interface CatalogDeps {
  /** The file where `catalog.path` is not set: `catalog.db` in the storage's folder. Its folder must be there. */
  readonly path: string;
  /** As `storage.durability`: `os` leaves it to the operating system when a commit reaches the disk. */
  readonly durability: 'full' | 'os';
  /** A catalog that is gone when it is closed, and leaves no file. */
  readonly memory?: boolean;
  /** For a database that is away or refuses us; nobody is told where it is not given. */
  readonly log?: CatalogLog;
}

/** Whether the file of a SQLite catalog is nobody's, so that it can be moved: then all of it is in that one file. */
export async function quiesceFile(path: string): Promise<FileUse> {
  const { quiesce } = await import('./sqlite/quiesce.ts');
  return quiesce(path);
}

/** Whether a server, or a command, is connected to the database of a PostgreSQL catalog. */
export async function isDatabaseInUse(config: CatalogConfig): Promise<boolean> {
  const { isInUse } = await import('./postgres/in-use.ts');
  return isInUse(settingsOf(config));
}

/** What SQLite needs of the configuration. */
type FileConfig = { readonly 'catalog.type': 'sqlite' } & Pick<CatalogConfig, 'catalog.path'>;

const SILENT: CatalogLog = { info: () => undefined, error: () => undefined };

/**
 * Opens the catalog, made or brought up to date where needed; several processes may do so at once. Throws a
 * CatalogError: `newer` where a later version has changed it. A PostgreSQL that is away is no failure: all is `busy`
 * until it comes.
 */
export async function openCatalog(config: CatalogConfig | FileConfig, deps: CatalogDeps): Promise<Catalog> {
  switch (config['catalog.type']) {
    case 'sqlite': {
      const { openFileCatalog, openMemoryCatalog } = await import('./sqlite/catalog.ts');
      if (deps.memory) return openMemoryCatalog();
      return openFileCatalog({ path: config['catalog.path'] ?? deps.path, durability: deps.durability });
    }
    case 'postgres': {
      const settings = settingsOf(config);
      const { openPostgresCatalog } = await import('./postgres/catalog.ts');
      return openPostgresCatalog(settings, deps.log ?? SILENT);
    }
    default:
      return unreachable(config);
  }
}

function settingsOf(config: CatalogConfig): PostgresSettings {
  const url = config['catalog.url'];
  if (url === undefined) {
    throw new CatalogError('broken', 'catalog.type is postgres: catalog.url must say where the database is');
  }
  return {
    url,
    poolSize: config['catalog.pool_size'],
    connectTimeoutMs: config['catalog.connect_timeout'],
    statementTimeoutMs: config['catalog.statement_timeout'],
  };
}
