import { v4 } from 'uuid';
import { createMetrics } from '../../internal/metrics/index.ts';
import { createRegistry, type Registry } from '../../internal/registry/index.ts';
import { findUploadId, type UploadId } from '../../pkg/oci/index.ts';
import type { Stores } from './stores.ts';

export const newUploadId = (): UploadId => findUploadId(v4()) as UploadId; // what v4 makes is one

/** The registry's rules over the stores of a command. */
export function openRegistry({ config, storage, catalog }: Stores): Registry {
  return createRegistry({
    storage,
    catalog,
    config,
    verifyReads: config['storage.verify_reads'],
    metrics: createMetrics(),
    ports: { clock: Date.now, ticks: () => performance.now(), newUploadId, onDamage: () => undefined },
  });
}
