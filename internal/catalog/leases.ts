import type { LeaseStore } from '../jobs/index.ts';
import type { Catalog } from './types.ts';

/** The leases of the catalog, as jobs ask for them. */
export function createLeaseStore(catalog: Pick<Catalog, 'run'>): LeaseStore {
  return {
    take: (name, holder, nowMs, untilMs) => catalog.run('takeLease', { name, holder, nowMs, untilMs }),
    drop: (name, holder) => catalog.run('dropLease', { name, holder }),
  };
}
