import { setTimeout } from 'node:timers/promises';
import { v4 } from 'uuid';
import { createMetrics } from '../../internal/metrics/index.ts';
import { createRegistry, type Registry } from '../../internal/registry/index.ts';
import { findUploadId, type UploadId } from '../../pkg/oci/index.ts';
import { openDoors } from './doors.ts';
import type { Stores } from './stores.ts';

export const newUploadId = (): UploadId => findUploadId(v4()) as UploadId; // what v4 makes is one

/** The registry's rules over the stores of a command. */
export async function openRegistry({ config, storage, catalog }: Stores): Promise<Registry> {
  return createRegistry({
    storage,
    catalog,
    config,
    verifyReads: config['storage.verify_reads'],
    leaseMs: config['gc.review_delay'],
    metrics: createMetrics(),
    doors: await openDoors(config),
    ports: {
      clock: Date.now,
      ticks: () => performance.now(),
      pause: (ms) => setTimeout(ms),
      newUploadId,
      onDamage: () => undefined,
    },
  });
}
