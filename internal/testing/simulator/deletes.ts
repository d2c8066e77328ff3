import type { Digest, RepositoryName } from '../../../pkg/oci/index.ts';
import { BY, REPOSITORIES, TAGS, unless, type ClientDeps, type Deed } from './client.ts';
import { childrenOf, imageOf } from './content.ts';
import { upload } from './pushes.ts';
import { DELAY_MS } from './replica.ts';
import type { Place } from './state.ts';

/** A deletion that began at `sinceStep` leaves a way back. */
function tellDeleted({ promises, habits }: ClientDeps, place: Place, sinceStep: number, sinceMs: number): void {
  const untilMs = sinceMs + habits.historyMs;
  promises.tell({ ...place, isManifest: true }, sinceStep, untilMs);
  for (const { digest } of imageOf(place.digest).blobs) promises.tell({ ...place, digest }, sinceStep, untilMs);
}

const deleteManifest: Deed = async (deps) => {
  const { world, habits, replica, promises } = deps;
  const { random, steps, nowMs } = world;
  const place = { repository: random.pick(REPOSITORIES), digest: random.pick(habits.images).manifest.digest };
  const reference = { kind: 'digest', digest: place.digest } as const;
  promises.allowGone(place);
  await unless(['MANIFEST_UNKNOWN'], async () => {
    await replica.registry.manifests.delete(BY, place.repository, reference);
    tellDeleted(deps, place, steps, nowMs);
  });
};

const deleteTag: Deed = async ({ world: { random }, replica }) => {
  const reference = { kind: 'tag', tag: random.pick(TAGS) } as const;
  await unless(['MANIFEST_UNKNOWN'], () => replica.registry.manifests.delete(BY, random.pick(REPOSITORIES), reference));
};

async function dropBlob({ replica, promises }: ClientDeps, repository: RepositoryName, digest: Digest): Promise<void> {
  await unless(['BLOB_UNKNOWN', 'BLOB_REFERENCED'], async () => {
    await replica.registry.blobs.delete(BY, repository, digest);
    promises.end({ repository, digest });
  });
}

const deleteBlob: Deed = async (deps) => {
  const { random } = deps.world;
  await dropBlob(deps, random.pick(REPOSITORIES), random.pick(deps.habits.blobs).digest);
};

/** What the collector is there for. */
const leaveGarbage: Deed = async (deps) => {
  const [repository, sample] = [deps.world.random.pick(REPOSITORIES), deps.world.random.pick(deps.habits.blobs)];
  await upload(deps, repository, sample);
  await dropBlob(deps, repository, sample.digest);
};

const collect: Deed = ({ world: { random }, replica }) => replica.collect(random.chance(70) ? 0 : DELAY_MS);
const findOrphans: Deed = ({ replica }) => replica.findOrphans();

const retain: Deed = async (deps) => {
  const { world, habits, replica } = deps;
  const { steps, nowMs } = world;
  await replica.retain(habits.rules, (expired) => {
    if (expired.kind === 'manifest') tellDeleted(deps, expired, steps, nowMs);
  });
};

/** What a manifest keeps once it is there again, its children's too. */
function referenceAll({ promises }: Pick<ClientDeps, 'promises'>, repository: RepositoryName, digest: Digest): void {
  promises.reference({ repository, digest });
  for (const blob of imageOf(digest).blobs) promises.reference({ repository, digest: blob.digest });
  for (const child of childrenOf(digest)) referenceAll({ promises }, repository, child);
}

const restore: Deed = async (deps) => {
  const { world, habits, replica, promises } = deps;
  const repository = world.random.pick(REPOSITORIES);
  const { manifest, blobs } = world.random.pick(habits.images);
  const { digest } = manifest;
  const places = [manifest, ...blobs].map((each) => ({ repository, digest: each.digest }));
  // Of an index the children may be gone, of which nobody promised anything.
  const wasPromised = blobs.length > 0 && places.every((place) => promises.isTold(place));
  const { steps } = world;
  const done = await unless(['MANIFEST_UNKNOWN', 'MANIFEST_BLOB_UNKNOWN'], async () => {
    await replica.registry.history.restore(BY, repository, digest, world.random.some(TAGS));
    referenceAll(deps, repository, digest);
    return true;
  });
  if (done || !wasPromised) return;
  if (places.every((place) => promises.isToldSince(place, steps) && !promises.mayBeRefused(place.digest, steps)))
    throw new Error(`${digest} cannot be restored, as was promised`);
};

const rollback: Deed = async (deps) => {
  const { world, replica } = deps;
  const [repository, tag] = [world.random.pick(REPOSITORIES), world.random.pick(TAGS)];
  await unless(['MANIFEST_UNKNOWN', 'MANIFEST_BLOB_UNKNOWN'], async () => {
    referenceAll(deps, repository, await replica.registry.history.rollback(BY, repository, tag));
  });
};

export const DELETES = { deleteManifest, deleteTag, deleteBlob, leaveGarbage };
export const COLLECTS = { collect, findOrphans };
/** What rules take, and what is brought back. */
export const KEEPS = { retain, restore, rollback };
