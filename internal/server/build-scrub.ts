import { v4 } from 'uuid';
import { createRepairSources, createScrub, declareScrubMetrics, type Scrub } from '../maintenance/index.ts';
import { createOutbound } from '../outbound/index.ts';
import { newUploadId, pause, type PartDeps } from './part-deps.ts';

/** The scrub over the stores of a server. `close` lets go of the sources too. */
export function buildScrub(deps: PartDeps): Scrub {
  const { config, catalog, storage, log, metrics, clock, ticks, version, onGarbage } = deps;
  const sources = createRepairSources({
    config,
    storageDeps: { clock, uuid: v4, onGarbage },
    openOutbound: () =>
      createOutbound({
        allowedNetworks: config['outbound.allow_networks'],
        timeoutMs: config['outbound.timeout'],
        version,
      }),
    version,
    cwd: process.cwd(),
  });
  const scrub = createScrub({
    catalog,
    storage,
    config,
    sources,
    clock,
    ticks,
    pause,
    newId: v4,
    newUploadId,
    log,
    ...declareScrubMetrics(metrics),
  });
  return {
    ...scrub,
    async close() {
      await scrub.close();
      await Promise.all(sources.map((source) => source.close()));
    },
  };
}
