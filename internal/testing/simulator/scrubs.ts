import { REPOSITORIES, unless, type ClientDeps, type Deed } from './client.ts';
import { IMAGES } from './content.ts';
import { put, upload } from './pushes.ts';
import { readState, textOf } from './state.ts';

/** Some content goes bad where it is. */
const spoil: Deed = async ({ world, disk, replica }) => {
  await world.turn(replica.process, 'content goes bad');
  await disk.spoil(world.random);
};

const scrub: Deed = ({ world: { random }, replica }) => replica.scrub(random.chance(30));

/** A client that reads what it is given. */
const pullBlob: Deed = async (deps) => {
  const { world, promises, replica } = deps;
  const [repository, { digest, bytes }] = [world.random.pick(REPOSITORIES), world.random.pick(deps.habits.blobs)];
  const { steps } = world;
  const opened = await unless(['BLOB_UNKNOWN'], () => replica.registry.blobs.open(repository, digest));
  if (!opened) return;
  if (opened.kind !== 'bytes') throw new Error(`${digest} is small, and answered from memory`);
  if (!Buffer.from(opened.bytes).equals(bytes)) throw new Error(`a client is given other bytes for ${digest}`);
  promises.refuseKnown(digest, steps);
};

export const SCRUBS = { spoil, scrub, pullBlob };

/** Pushes again what a pass found damaged, as whoever needs it would: what is still not as it was. */
export async function mendAll(deps: ClientDeps): Promise<string | undefined> {
  const { database, disk } = deps;
  const { manifests } = readState(database.engine);
  for (const repository of REPOSITORIES) {
    for (const image of IMAGES) {
      const { digest } = image.manifest;
      if (!manifests.has(textOf({ repository, digest }))) continue;
      for (const blob of image.blobs) if (disk.damaged.has(blob.digest)) await upload(deps, repository, blob);
      if (disk.damaged.has(digest)) await put(deps, repository, image);
    }
  }
  const { blobs, quarantined } = readState(database.engine);
  const left = [...disk.damaged].find((digest) => blobs.has(digest)) ?? [...quarantined][0];
  return left === undefined ? undefined : `${left} was pushed again, and is not mended by that`;
}
