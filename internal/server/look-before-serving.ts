import { dirname } from 'node:path';
import { CatalogError, type Catalog } from '../catalog/index.ts';
import { makeFolders } from '../files/index.ts';
import type { Logger } from '../log/index.ts';
import { looksLikeOldTree } from '../maintenance/index.ts';
import { openOldTree, StorageError } from '../storage/index.ts';
import type { Config } from './options.ts';

/**
 * The catalog, for serving. Throws where something began to fill it and did not finish: what is missing in it would be
 * told as gone. A database that is away just now is no reason not to start: it is looked at when it comes, and until it
 * was seen to be complete everything is `busy`.
 */
export async function onlyComplete(catalog: Catalog, log: Pick<Logger, 'error'>): Promise<Catalog> {
  try {
    await insistOnComplete(catalog);
    return catalog;
  } catch (failure) {
    if (failure instanceof CatalogError && failure.failure === 'busy') return busyUntilComplete(catalog, log);
    throw failure;
  }
}

class Incomplete extends Error {}

async function insistOnComplete({ queries }: Catalog): Promise<void> {
  const holder = await queries.findRestore();
  if (holder === undefined) return;
  const command = holder.split(' ')[0] ?? holder;
  throw new Incomplete(`the catalog is not complete, octoserve ${command} was interrupted: run it again`);
}

function busyUntilComplete(catalog: Catalog, log: Pick<Logger, 'error'>): Catalog {
  let isComplete = false;
  let isTold = false;

  async function look(): Promise<void> {
    try {
      await insistOnComplete(catalog);
      isComplete = true;
    } catch (failure) {
      if (!(failure instanceof Incomplete)) throw failure;
      if (!isTold) log.error(`The catalog is not served: ${failure.message}`);
      isTold = true;
      throw new CatalogError('busy', failure.message);
    }
  }

  async function after<Result>(act: () => Promise<Result>): Promise<Result> {
    if (!isComplete) await look();
    return act();
  }

  const queries = Object.entries(
    catalog.queries as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>,
  );
  const guarded = queries.map(([name, query]) => [name, (...args: unknown[]) => after(() => query(...args))]);
  return {
    ...catalog,
    queries: Object.fromEntries(guarded) as Catalog['queries'],
    run: (name, args) => after(() => catalog.run(name, args)),
    check: () => after(() => catalog.check()),
  };
}

/** Makes the folder of the catalog's file: where content is in a bucket nobody else does. `path`: where it is by default. */
export async function makeCatalogFolder(config: Config, path: string): Promise<void> {
  if (config['catalog.type'] !== 'sqlite' || config['storage.type'] === 'memory') return;
  await makeFolders(dirname(config['catalog.path'] ?? path));
}

/** Which failures come of a store that is away, where the store itself tells of that. */
export function toldByStores(config: Config): (failure: unknown) => boolean {
  const [bucket, database] = [config['storage.type'] === 's3', config['catalog.type'] === 'postgres'];
  return function isTold(failure: unknown): boolean {
    if (failure instanceof StorageError) return bucket && failure.failure === 'busy';
    if (failure instanceof CatalogError) return database && failure.failure === 'busy';
    return failure instanceof Error && failure.cause !== undefined && isTold(failure.cause);
  };
}

/** Says where the data folder is one of an older Octoserve: what is in it is not served before it is imported. */
export async function warnOfOldTree(config: Config, log: Pick<Logger, 'warn'>): Promise<void> {
  if (config['storage.type'] !== 'filesystem') return;
  const path = config['storage.path'];
  const tree = await openOldTree(path);
  if (!tree || !(await looksLikeOldTree(tree))) return;
  log.warn('The data folder holds manifests of an older Octoserve, which are not served: import them', {
    command: `octoserve import octoserve ${path}`,
  });
}
