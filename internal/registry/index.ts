import type { Catalog } from '../catalog/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { Storage } from '../storage/index.ts';
import { createAdmission } from './admission.ts';
import { createBlobs, type Blobs } from './blobs.ts';
import { createChores, type Chores } from './chores.ts';
import { createVerifiedContent } from './content.ts';
import { translated } from './failures.ts';
import { doorsIn } from './doors.ts';
import { UNBOUNDED, type DiskGuard } from './disk-guard.ts';
import { createFacts, type KnownFacts } from './facts.ts';
import { createGuards, type GuardsFor } from './guards.ts';
import { createHistory, type History } from './history.ts';
import { createLists, type Lists } from './lists.ts';
import { createManifests, type Manifests } from './manifests.ts';
import { metered } from './metered.ts';
import { createPullNotes } from './pull-notes.ts';
import { createPublisher } from './publisher.ts';
import { createQuotas } from './quotas.ts';
import type { RegistryConfig } from './options.ts';
import type { Door, RegistryPorts } from './ports.ts';
import { createRemovals, type Removals } from './removals.ts';
import { createUploads, type Uploads } from './uploads.ts';

export type { DeletedManifest, Origin, TagGrant, TagMove } from '../catalog/index.ts';
export type { ByteRange, Content } from '../storage/index.ts';
export type { Blobs } from './blobs.ts';
export { FOLLOW_JOB, type Chores } from './chores.ts';
export type { OpenContent } from './content.ts';
export { translated } from './failures.ts';
export type { History, HistoryPage, TagTarget } from './history.ts';
export { PAGE_ROWS, referrersIndex } from './lists.ts';
export type { Lists, Page, PageRequest, ReferrerDescriptor, Viewer } from './lists.ts';
export { createDiskGuard, findMinFree, type DiskGuard, type MinFree } from './disk-guard.ts';
export { doorsIn } from './doors.ts';
export { createGuards, type GuardsFor } from './guards.ts';
export { askAnyway, type KnownFacts } from './facts.ts';
export type { Removals } from './removals.ts';
export { factsOf, type ManifestFacts } from './manifest-facts.ts';
export {
  ANY_TAG,
  type ManifestPush,
  type Manifests,
  type PushedManifest,
  type PutIf,
  type StoredManifest,
} from './manifests.ts';
export { REGISTRY_OPTIONS, type RegistryConfig } from './options.ts';
export type { Damage, Door, DoorPush, Facts, GenerationRule, JsonValue, RegistryPorts } from './ports.ts';
export { RECORDS_CURSOR, recordOf } from './records.ts';
export type { Advanced, Finished, Mount, Put, Started, UploadBody, Uploads } from './uploads.ts';

/** The rules of push, pull, tag, delete and refer. Every failure that a caller may be told about is an OciError. */
export interface Registry {
  readonly blobs: Blobs;
  readonly manifests: Manifests;
  readonly uploads: Uploads;
  readonly lists: Lists;
  readonly history: History;
  readonly removals: Removals;
  readonly facts: KnownFacts;
  readonly chores: Chores;
  readonly guardsFor: GuardsFor;
  readonly config: RegistryConfig;
}

export interface RegistryDeps {
  readonly storage: Storage;
  readonly catalog: Catalog;
  readonly config: RegistryConfig;
  readonly verifyReads: boolean;
  /** How long who was told that a blob is there may rely on it, referenced or not (`gc.review_delay`). */
  readonly leaseMs: number;
  /** What storage may still take; without it nobody asks. */
  readonly disk?: Pick<DiskGuard, 'hold'> | undefined;
  readonly metrics: Metrics;
  /** What facades contribute to the repositories that are their own. */
  readonly doors?: readonly Door[] | undefined;
  readonly ports: RegistryPorts;
}

const UNBOUNDED_DISK: Pick<DiskGuard, 'hold'> = { hold: async () => UNBOUNDED };

export function createRegistry(given: RegistryDeps): Registry {
  const { storage, catalog, config, verifyReads, leaseMs, metrics, ports, disk = UNBOUNDED_DISK, doors = [] } = given;
  const [doorOf, guardsFor] = [doorsIn(doors), createGuards(config, doors)];
  const content = createVerifiedContent(storage.blobs, { cacheBytes: config['registry.cache_size'], verifyReads });
  const publisher = createPublisher({ catalog, ports });
  const pulls = createPullNotes(catalog, ports.clock);
  const quotas = createQuotas(config, catalog, ports.clock);
  const admission = createAdmission(quotas, disk);
  const deps = {
    doorOf,
    guardsFor,
    admission,
    disk,
    quotas,
    storage,
    catalog,
    content,
    publisher,
    pulls,
    config,
    leaseMs,
    ports,
  };
  const groups = {
    blobs: translated(createBlobs(deps)),
    manifests: translated(createManifests(deps)),
    uploads: translated(createUploads(deps)),
    lists: translated(createLists(deps)),
  };
  const history = translated(createHistory({ ...deps, manifests: groups.manifests }));
  const chores = createChores({
    storage,
    catalog,
    pulls,
    clock: ports.clock,
    uploadExpiryMs: config['registry.upload_expiry'],
  });
  const removals = translated(createRemovals(deps));
  const facts = createFacts(deps);
  return { ...metered(groups, metrics, ports.ticks), history, removals, facts, chores, guardsFor, config };
}
