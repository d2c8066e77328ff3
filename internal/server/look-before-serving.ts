import { CatalogError, type Catalog } from '../catalog/index.ts';
import type { Logger } from '../log/index.ts';
import { looksLikeOldTree } from '../maintenance/index.ts';
import { openOldTree } from '../storage/index.ts';
import type { Config } from './options.ts';

/** Throws where something began to fill the catalog and did not finish: what is missing in it would be told as gone. */
export async function refuseUnfinished(catalog: Catalog): Promise<void> {
  const holder = await catalog.queries.findRestore().catch((failure: unknown) => {
    // A database that is away just now is no reason not to start.
    if (!(failure instanceof CatalogError) || failure.failure !== 'busy') throw failure;
  });
  if (holder === undefined) return;
  const command = holder.split(' ')[0] ?? holder;
  throw new Error(`the catalog is not complete, octoserve ${command} was interrupted: run it again`);
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
