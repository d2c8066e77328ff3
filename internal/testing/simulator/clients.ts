import { OciError, parseRepositoryName, parseTag, type Digest, type RepositoryName } from '../../../pkg/oci/index.ts';
import { TAKEOVER_MS } from '../../catalog/deletions.ts';
import type { RetentionRule } from '../../gc/retention/rules.ts';
import { ANY_TAG, type Origin } from '../../registry/index.ts';
import type { Sample, SampleImage } from '../images.ts';
import { BLOBS, childrenOf, IMAGES, imageOf } from './content.ts';
import type { Promises } from './promises.ts';
import { DELAY_MS, type Replica } from './replica.ts';
import type { Random } from './random.ts';
import type { Place } from './state.ts';
import type { World } from './world.ts';

/** A client, who talks to one process, and what it may do there. */
export interface ClientDeps {
  readonly world: World;
  readonly habits: Habits;
  readonly promises: Promises;
  readonly replica: Replica;
}

export type Deed = (deps: ClientDeps) => Promise<void>;

/** What the clients of a history care for and do, and what befalls them. */
export interface Habits {
  readonly images: readonly SampleImage[];
  readonly blobs: readonly Sample[];
  readonly deeds: readonly Deed[];
  /** What was done before all else, and how many things are done after it. */
  readonly before: readonly Deed[];
  readonly count: number;
  /** How often a process crashes, time leaps, or somebody stands still for a while: of all steps. */
  readonly crashes: number;
  readonly leaps: number;
  readonly stalls: number;
  /** How many of the pushes are by tag. */
  readonly tags: number;
  readonly rules: readonly RetentionRule[];
  /** For how long there is a way back to what was deleted. */
  readonly historyMs: number;
  /** How far time leaps. */
  readonly leapsMs: readonly number[];
}

/** Few of the things and few of the deeds: in some histories much happens to little. */
export function chooseHabits(random: Random): Habits {
  const images = random.some(IMAGES);
  const parts = images.flatMap((image) => image.blobs);
  return {
    images,
    blobs: random.chance(70) && parts.length > 0 ? [random.pick(parts)] : BLOBS,
    deeds: [PUSHES, DELETES, COLLECTS, KEEPS].flatMap((deeds) => {
      const all = Object.values<Deed>(deeds);
      return random.chance(50) ? [random.pick(all)] : random.some(all);
    }),
    before: [],
    count: 16,
    tags: random.pick([0, 0.8]),
    rules: [
      {
        ...RULE,
        keepLast: random.chance(50) ? 1 : undefined,
        untaggedAfterMs: random.chance(50) ? DELAY_MS : undefined,
      },
    ],
    historyMs: random.pick([0, DELAY_MS / 2, 2 * DELAY_MS]),
    crashes: random.pick([0, 0.003, 0.01]),
    leaps: random.pick([0, 0.01, 0.05]),
    leapsMs: random.some(LEAPS_MS),
    stalls: random.pick([0, 0.03, 0.1]),
  };
}

const LEAPS_MS = [1000, TAKEOVER_MS / 4, TAKEOVER_MS / 2, TAKEOVER_MS + 1, DELAY_MS / 2 + 1, DELAY_MS + 1];
/** Lets nothing go. */
export const RULE: RetentionRule = {
  name: 'rule',
  repositories: ['**'],
  tags: ['*'],
  keepTags: [],
  keepLast: undefined,
  keepVersions: undefined,
  keepWithinMs: undefined,
  keepPulledWithinMs: undefined,
  untaggedAfterMs: undefined,
};
const BY: Origin = { principal: 'client', address: '', requestId: '' };
const REPOSITORIES = ['one', 'two'].map((name) => parseRepositoryName(name));
const TAGS = ['v1', 'v2'].map((name) => parseTag(name));

async function* bodyOf({ bytes }: Sample): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** What clients are told in a way that they understand: anything else is a bug of ours, and ends the simulation. */
async function unless<Result>(codes: readonly string[], act: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof OciError && [...codes, 'UNAVAILABLE'].includes(error.code)) return undefined;
    throw error;
  }
}

async function head({ world, promises, replica }: ClientDeps, repository: RepositoryName, digest: Digest) {
  const { steps, nowMs } = world;
  const isLoose = promises.isLooseSince(digest, steps);
  const found = await unless(['BLOB_UNKNOWN'], () => replica.registry.blobs.stat(repository, digest));
  if (!found) return false;
  // It writes only where less than half of the lease is left.
  if (isLoose && promises.isLooseSince(digest, steps))
    promises.tell({ repository, digest }, steps, nowMs + DELAY_MS / 2);
  return true;
}

async function mount(deps: ClientDeps, repository: RepositoryName, digest: Digest): Promise<boolean> {
  const { world, promises, replica } = deps;
  const from = REPOSITORIES.find((other) => other !== repository);
  const { steps, nowMs } = world;
  const started = await replica.registry.uploads.start(BY, repository, {
    algorithm: 'sha256',
    mount: { digest, from, mayPull: () => true },
  });
  if (started.kind !== 'mounted') return false;
  promises.tell({ repository, digest }, steps, nowMs + DELAY_MS);
  return true;
}

async function upload(deps: ClientDeps, repository: RepositoryName, sample: Sample): Promise<void> {
  const { world, promises, replica } = deps;
  const { steps, nowMs } = world;
  const { digest, size } = sample;
  await unless(['UNAVAILABLE'], async () => {
    await replica.registry.uploads.putWhole(BY, repository, digest, { stream: bodyOf(sample), expectedBytes: size });
    promises.tell({ repository, digest }, steps, nowMs + DELAY_MS);
  });
}

/** As clients do it: they look first, mount what they know to be elsewhere, and upload the rest. */
async function bring(deps: ClientDeps, repository: RepositoryName, sample: Sample): Promise<void> {
  const { random } = deps.world;
  if (random.chance(60) && (await head(deps, repository, sample.digest))) return;
  if (random.chance(30) && (await mount(deps, repository, sample.digest))) return;
  await upload(deps, repository, sample);
}

async function put(deps: ClientDeps, repository: RepositoryName, { manifest, blobs }: SampleImage): Promise<void> {
  const { world, promises, replica } = deps;
  const tags = world.random.next() < deps.habits.tags ? [world.random.pick(TAGS)] : [];
  const places = blobs.map(({ digest }) => ({ repository, digest }));
  const { steps, nowMs } = world;
  const before = places.filter((place) => promises.isTold(place));
  try {
    await replica.registry.manifests.put(BY, repository, {
      reference: { kind: 'digest', digest: manifest.digest },
      tags,
      contentType: manifest.mediaType,
      bytes: manifest.bytes,
      grant: ANY_TAG,
    });
    for (const place of places) promises.reference(place);
    promises.reference({ repository, digest: manifest.digest });
    if (tags.length === 0) promises.tellPushed({ repository, digest: manifest.digest }, steps, nowMs + DELAY_MS);
  } catch (error) {
    if (!(error instanceof OciError) || !['MANIFEST_BLOB_UNKNOWN', 'UNAVAILABLE'].includes(error.code)) throw error;
    const missing = error.code === 'UNAVAILABLE' ? [] : (error.detail as readonly Digest[]);
    const lost = before.find((place) => missing.includes(place.digest) && promises.isToldSince(place, steps));
    if (lost)
      throw new Error(`a push is told that ${lost.digest} is missing, of which it was told that it is there`, {
        cause: error,
      });
  }
}

const pushImage: Deed = async (deps) => {
  const { random } = deps.world;
  const [repository, image] = [random.pick(REPOSITORIES), random.pick(deps.habits.images)];
  for (const blob of image.blobs) await bring(deps, repository, blob);
  await put(deps, repository, image);
};

/** A client that gives up on the way. */
const pushBlob: Deed = async (deps) => {
  const { random } = deps.world;
  await bring(deps, random.pick(REPOSITORIES), random.pick(deps.habits.blobs));
};

/** A client that never looks. */
const uploadBlob: Deed = async (deps) => {
  const { random } = deps.world;
  await upload(deps, random.pick(REPOSITORIES), random.pick(deps.habits.blobs));
};

/** A client that knows where else the blob is. */
const mountBlob: Deed = async (deps) => {
  const { random } = deps.world;
  await mount(deps, random.pick(REPOSITORIES), random.pick(deps.habits.blobs).digest);
};

/** A client that relies on what it did before. */
const putImage: Deed = async (deps) => {
  const { random } = deps.world;
  await put(deps, random.pick(REPOSITORIES), random.pick(deps.habits.images));
};

const lookForBlob: Deed = async (deps) => {
  const { random } = deps.world;
  await head(deps, random.pick(REPOSITORIES), random.pick(deps.habits.blobs).digest);
};

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
function referenceAll({ promises }: ClientDeps, repository: RepositoryName, digest: Digest): void {
  promises.reference({ repository, digest });
  for (const blob of imageOf(digest).blobs) promises.reference({ repository, digest: blob.digest });
  for (const child of childrenOf(digest)) referenceAll({ promises } as ClientDeps, repository, child);
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
  if (places.every((place) => promises.isToldSince(place, steps)))
    throw new Error(`${digest} cannot be restored, as was promised`);
};

const rollback: Deed = async (deps) => {
  const { world, replica } = deps;
  const [repository, tag] = [world.random.pick(REPOSITORIES), world.random.pick(TAGS)];
  await unless(['MANIFEST_UNKNOWN', 'MANIFEST_BLOB_UNKNOWN'], async () => {
    referenceAll(deps, repository, await replica.registry.history.rollback(BY, repository, tag));
  });
};

export const PUSHES = { pushImage, pushBlob, uploadBlob, mountBlob, putImage, lookForBlob };
export const DELETES = { deleteManifest, deleteTag, deleteBlob, leaveGarbage };
export const COLLECTS = { collect, findOrphans };
export const KEEPS = { retain, restore, rollback };

/** Pulls every tag whole; what is wrong with one that cannot be. */
export async function pullAll({ registry, blobs }: Replica): Promise<string | undefined> {
  for (const repository of REPOSITORIES) {
    const tags = await unless(['NAME_UNKNOWN'], () => registry.lists.tags(repository, { limit: 100 }));
    for (const tag of tags?.rows ?? []) {
      const { digest } = await registry.manifests.get(repository, { kind: 'tag', tag });
      const image = IMAGES.find(({ manifest }) => manifest.digest === digest);
      for (const blob of image?.blobs ?? []) {
        const found = await blobs.stat(blob.digest);
        await registry.blobs.stat(repository, blob.digest);
        if (found?.sizeBytes !== blob.size) return `${repository}:${tag} lacks ${blob.digest}`;
      }
    }
  }
  return undefined;
}
