import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { v4 } from 'uuid';
import { createArtifacts, type Artifacts } from '../artifacts/index.ts';
import { openCatalog } from '../catalog/index.ts';
import { loadFacades } from '../facades/index.ts';
import { createMetrics } from '../metrics/index.ts';
import { createRegistry } from '../registry/index.ts';
import { openStorage } from '../storage/index.ts';
import { makeCatalogFolder, onlyComplete } from './look-before-serving.ts';
import type { Config } from './options.ts';
import { newUploadId } from './part-deps.ts';

/** Opens the stores of a configuration, beside whatever server uses them, for a command that works on artifacts. */
export async function withArtifacts<Result>(
  config: Config,
  use: (artifacts: Artifacts) => Promise<Result>,
): Promise<Result> {
  const facades = await loadFacades(config);
  const storage = await openStorage(config, { clock: Date.now, uuid: v4 });
  try {
    const path = join(config['storage.path'], 'catalog.db');
    await makeCatalogFolder(config, path);
    const catalog = await openCatalog(config, { path, durability: config['storage.durability'] });
    try {
      const complete = await onlyComplete(catalog, { error: () => undefined });
      const registry = createRegistry({
        storage,
        catalog: complete,
        config,
        verifyReads: config['storage.verify_reads'],
        leaseMs: config['gc.review_delay'],
        metrics: createMetrics(),
        doors: facades.map((facade) => facade.door(config)),
        ports: {
          clock: Date.now,
          ticks: () => performance.now(),
          pause: (ms) => setTimeout(ms),
          newUploadId,
          onDamage: () => undefined,
        },
      });
      return await use(createArtifacts({ registry, catalog: complete }));
    } finally {
      await catalog.close();
    }
  } finally {
    await storage.close();
  }
}
