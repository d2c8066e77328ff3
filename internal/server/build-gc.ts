import { v4 } from 'uuid';
import { createGc, declareGcMetrics, type Gc } from '../gc/index.ts';
import { pause, type PartDeps } from './part-deps.ts';

export function buildGc({ config, catalog, storage, log, metrics, clock, ticks }: PartDeps): Gc {
  return createGc({
    catalog,
    storage,
    config,
    clock,
    ticks,
    pause,
    newId: v4,
    log,
    onRun: declareGcMetrics(metrics),
  });
}
