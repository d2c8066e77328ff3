import { OciError, type Digest, type RepositoryName } from '../../../pkg/oci/index.ts';
import { ANY_TAG } from '../../registry/index.ts';
import type { Sample, SampleImage } from '../images.ts';
import { BY, REPOSITORIES, TAGS, unless, type ClientDeps, type Deed } from './client.ts';
import { DELAY_MS } from './replica.ts';

async function* bodyOf({ bytes }: Sample): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function head({ world, promises, replica }: ClientDeps, repository: RepositoryName, digest: Digest) {
  const { steps, nowMs } = world;
  const isLoose = promises.isLooseSince(digest, steps);
  const found = await unless(['BLOB_UNKNOWN'], () => replica.registry.blobs.stat(repository, digest));
  if (!found) return false;
  promises.refuseKnown(digest, steps);
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
  promises.refuseKnown(digest, steps);
  promises.tell({ repository, digest }, steps, nowMs + DELAY_MS);
  return true;
}

export async function upload(deps: ClientDeps, repository: RepositoryName, sample: Sample): Promise<void> {
  const { world, promises, replica } = deps;
  const { steps, nowMs } = world;
  const { digest, size } = sample;
  await unless(['UNAVAILABLE'], async () => {
    await replica.registry.uploads.putWhole(BY, repository, digest, { stream: bodyOf(sample), expectedBytes: size });
    promises.refuseKnown(digest, steps);
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

export async function put(
  deps: ClientDeps,
  repository: RepositoryName,
  { manifest, blobs }: SampleImage,
): Promise<void> {
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
    for (const { digest } of [...places, manifest]) promises.refuseKnown(digest, steps);
    for (const place of places) promises.reference(place);
    promises.reference({ repository, digest: manifest.digest });
    if (tags.length === 0) promises.tellPushed({ repository, digest: manifest.digest }, steps, nowMs + DELAY_MS);
  } catch (error) {
    if (!(error instanceof OciError) || !['MANIFEST_BLOB_UNKNOWN', 'UNAVAILABLE'].includes(error.code)) throw error;
    const missing = error.code === 'UNAVAILABLE' ? [] : (error.detail as readonly Digest[]);
    const lost = before.find(
      (place) =>
        missing.includes(place.digest) &&
        promises.isToldSince(place, steps) &&
        !promises.mayBeRefused(place.digest, steps),
    );
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

export const PUSHES = { pushImage, pushBlob, uploadBlob, mountBlob, putImage, lookForBlob };
