import { OCI_IMAGE_MANIFEST, OciError } from '../../pkg/oci/index.ts';
import {
  BY,
  byDigest,
  byTag,
  pushBlob,
  pushImage,
  pushManifest,
  repository,
  type Rig,
} from '../registry/fixtures.suite.ts';
import { createSamples, describeSample, toSample, type Sample, type SampleImage } from '../testing/images.ts';

// A suite by its name only because nothing but tests may import it.

/** Numbers from 0 up to 1 that look random and are the same from the same seed. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const REPOSITORIES = ['a', 'a/b', 'a_b', 'z'];
const TAGS = ['latest', 'V1', 'v1', '1.0', 'x'.repeat(128).toUpperCase()];
const OTHER_TYPE = 'application/vnd.example.other+json';

/** A manifest that does not say what it is: it may be pushed as one thing and later as another. */
function createUntyped({ blobs }: SampleImage): Sample {
  const [config, ...layers] = blobs.map(describeSample);
  return toSample(JSON.stringify({ schemaVersion: 2, config, layers }), OCI_IMAGE_MANIFEST);
}

/** Does a random sequence of pushes, moves of tags, deletes and mounts, and lets the records follow in the end. */
export async function liveThrough(rig: Rig, seed: number, steps = 40): Promise<void> {
  const random = createRandom(seed);
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error('there is nothing to pick from');
    return item;
  };
  const samples = createSamples(`history ${seed}`);
  const images = Array.from({ length: 4 }, () => samples.image({ layers: 2, annotations: { 1: 'x', b: '"' } }));
  const notes = images.map(({ manifest }) =>
    samples.artifact({ subject: manifest, annotations: { '2': 'é', a: '\n' } }),
  );
  const indexes = [samples.index(images.map(({ manifest }) => manifest)), samples.index([])];
  const [typed] = images;
  const untyped = createUntyped(typed!);
  const all = [...images, ...notes].flatMap(({ manifest }) => manifest).concat(indexes, untyped);
  const blobs = [...images, ...notes].flatMap((image) => image.blobs);
  const { manifests, blobs: held, uploads, chores } = rig.registry;

  const acts: readonly (() => Promise<unknown>)[] = [
    () => pushImage(rig, pick(REPOSITORIES), pick(images), pick(TAGS)),
    () => pushImage(rig, pick(REPOSITORIES), pick(images)),
    () => pushImage(rig, pick(REPOSITORIES), pick(notes)),
    () => pushManifest(rig, pick(REPOSITORIES), pick(indexes), pick(TAGS)),
    () => pushManifest(rig, pick(REPOSITORIES), pick(all), pick(TAGS), pick(TAGS)),
    () => pushManifest(rig, pick(REPOSITORIES), { ...untyped, mediaType: pick([OTHER_TYPE, OCI_IMAGE_MANIFEST]) }),
    () => pushBlob(rig, pick(REPOSITORIES), pick([...blobs, samples.blob(), untyped])),
    () => manifests.delete(BY, repository(pick(REPOSITORIES)), byTag(pick(TAGS))),
    () => manifests.delete(BY, repository(pick(REPOSITORIES)), byDigest(pick(all).digest)),
    () => held.delete(BY, repository(pick(REPOSITORIES)), pick(blobs).digest),
    () => {
      const mount = { digest: pick(blobs).digest, from: repository(pick(REPOSITORIES)), mayPull: () => true };
      return uploads.start(BY, repository(pick(REPOSITORIES)), { algorithm: 'sha256', mount });
    },
    () => chores.followChanges(),
  ];
  for (let step = 0; step < steps; step += 1) {
    rig.clock.nowMs += Math.floor(random() * 3) * 500;
    await pick(acts)().catch((failure: unknown) => {
      if (!(failure instanceof OciError)) throw failure; // much of it is refused, as it should be
    });
  }
  await chores.followChanges();
}
