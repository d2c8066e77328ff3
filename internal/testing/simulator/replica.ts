import { findUploadId, type UploadId } from '../../../pkg/oci/index.ts';
import type { Catalog, TagGuards } from '../../catalog/types.ts';
import { collect, type CollectDeps } from '../../gc/collect.ts';
import { adoptOrphans } from '../../gc/orphans.ts';
import { carryOut, type Expired } from '../../gc/retention/carry-out.ts';
import type { RetentionRule } from '../../gc/retention/rules.ts';
import type { Metrics } from '../../metrics/index.ts';
import { createRegistry, type Registry, type RegistryConfig } from '../../registry/index.ts';
import { assembleStorage, type BlobStore, type UploadManager } from '../../storage/index.ts';
import type { Database, MutateStep } from './postgres/sessions.ts';
import type { Disk } from './disk.ts';
import { createScrubbing } from './scrubbing.ts';
import type { Process, World } from './world.ts';

/** How long a lease lasts, and the delay of reviews. */
export const DELAY_MS = 3_600_000;

export interface Shared {
  readonly world: World;
  readonly database: Database;
  readonly disk: Disk;
  /** For how long there is a way back to what was deleted (`history.keep`). */
  readonly historyMs: number;
  /** Whether uploads are taken for large ones (habits). */
  readonly isLarge: boolean;
}

/** What may be done otherwise than it should be, to see whether that is found out. */
export interface Mutation {
  /** Each statement on its way to the database: another, or what it is answered with. */
  readonly step?: MutateStep;
  readonly catalog?: (catalog: Pick<Catalog, 'queries' | 'run'>, replica: Replica) => Pick<Catalog, 'queries' | 'run'>;
  readonly blobs?: (blobs: BlobStore) => BlobStore;
}

/** A process of the server: the real rules over the shared stores. */
export interface Replica {
  readonly process: Process;
  readonly registry: Registry;
  readonly blobs: BlobStore;
  /** Lets time pass, and others go on. */
  pause(ms: number): Promise<void>;
  collect(graceMs: number): Promise<void>;
  /** Carries retention rules out. */
  retain(rules: readonly RetentionRule[], onExpired: (expired: Expired) => void): Promise<void>;
  findOrphans(): Promise<void>;
  /** Looks at all content, quarantines what is damaged, and brings it back where that is asked. */
  scrub(repair: boolean): Promise<void>;
}

const CONFIG: Omit<RegistryConfig, 'history.keep'> = {
  'registry.catalog_endpoint': true,
  'registry.delete': true,
  'registry.auto_mount': false,
  'registry.manifest_limit': 4096,
  'registry.chunk_min_length': 0,
  'registry.upload_expiry': 24 * DELAY_MS,
  'registry.upload_limit': 10_000,
  'registry.cache_size': 65_536,
  'registry.immutable_tags': [],
  'registry.protected_tags': [],
};

const NOTHING = { add: () => undefined, observe: () => undefined, set: () => undefined };
const SERIES = { with: () => NOTHING };
const NO_METRICS: Pick<Metrics, 'counter' | 'histogram' | 'gauge'> = {
  counter: () => SERIES,
  histogram: () => SERIES,
  gauge: () => SERIES,
};
const BY = { principal: 'gc', address: '', requestId: '' };
const NO_GUARDS: TagGuards = { fixed: [], kept: [] };
const NEVER = new AbortController().signal;

let ids = 0;
const newUploadId = (): UploadId => {
  ids += 1;
  return findUploadId(`00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`) as UploadId; // it is one
};

export function startReplica(
  name: string,
  { world, database, disk, historyMs, isLarge }: Shared,
  mutation: Mutation = {},
): Replica {
  const process: Process = { name, isDead: false };
  const clock = (): number => world.nowMs;
  const pause = (ms: number): Promise<void> => world.pause(process, ms);
  const storage = assembleStorage(disk.openDriver(process), { clock });
  const own = mutation.blobs?.(storage.blobs) ?? storage.blobs;
  const blobs: BlobStore = {
    ...own,
    // Between what it decided and what it does, a process may stand still for any time.
    removeAll: async (digests, leftMs) => {
      await world.turn(process, 'begin to remove');
      return own.removeAll(digests, leftMs);
    },
  };
  const uploads: UploadManager = {
    ...storage.uploads,
    // Small uploads are those of which it is known where they go.
    append: (id, from, body, { destination, ...options }) =>
      storage.uploads.append(id, from, body, destination && !isLarge ? { ...options, destination } : options),
  };
  const honest = database.openCatalog(process, mutation.step);
  const replica = {} as Replica;
  const catalog = (mutation.catalog?.(honest, replica) ?? honest) as Catalog; // nobody here asks for more of it
  let runs = 0;
  const collecting: CollectDeps = {
    catalog,
    blobs,
    by: BY,
    clock,
    ticks: clock,
    newId: () => `${name} ${(runs += 1)}`,
    onStuck: () => undefined,
    pause,
    batchSize: 3,
    maxDeletesPerSecond: 0,
  };
  return Object.assign(replica, {
    process,
    blobs,
    pause,
    registry: createRegistry({
      storage: { ...storage, blobs, uploads },
      catalog,
      config: { ...CONFIG, 'history.keep': historyMs },
      verifyReads: false,
      leaseMs: DELAY_MS,
      metrics: NO_METRICS as Metrics, // nobody looks at them
      ports: {
        clock,
        ticks: clock,
        pause,
        newUploadId,
        onDamage: () => undefined,
      },
    }),
    collect: async (graceMs: number) => void (await collect(collecting, { graceMs, dryRun: false }, NEVER)),
    retain: async (rules: readonly RetentionRule[], onExpired: (expired: Expired) => void) => {
      const keptMs = Math.max(historyMs, DELAY_MS);
      const carrying = { catalog, rules, guardsFor: () => NO_GUARDS, clock, historyMs, keptMs };
      await carryOut({ by: BY, dryRun: false, onExpired }, carrying, NEVER);
    },
    scrub: createScrubbing({ catalog, storage: { ...storage, blobs }, clock, newUploadId }),
    findOrphans: async () => void (await adoptOrphans({ catalog, blobs, clock }, { graceMs: 0 }, NEVER)),
  });
}
