import { ERRORS, OciError, parseManifest, type RepositoryName } from '../../pkg/oci/index.ts';
import type { ArtifactRow, Catalog, Description } from '../catalog/index.ts';
import type { VerifiedContent } from './content.ts';
import { describedBy, descriptionOf, type DoorOf } from './doors.ts';
import type { Door, DoorPush, Facts, RegistryPorts } from './ports.ts';
import { blobReader } from './read-blob.ts';

/** What the doors say of manifests that are there. */
export interface KnownFacts {
  /**
   * What the repository's door says of the manifest: what is kept. Where it was not asked yet, or another way of it was
   * (it was switched on since, it is a later version), it is asked now and that is kept. Undefined where no door owns it.
   */
  of(artifact: ArtifactRow): Facts | undefined | Promise<Facts | undefined>;
  /** What is kept for the repository's door is kept under this; nothing is under '' where none owns it. */
  by(repository: RepositoryName): string;
}

interface Deps {
  readonly doorOf: DoorOf;
  readonly catalog: Catalog;
  readonly content: VerifiedContent;
  readonly ports: Pick<RegistryPorts, 'clock'>;
}

/**
 * What a door says of a manifest that is there: of what it would refuse now, nothing. Undefined where it cannot tell,
 * since content is not as it was pushed: it is to be asked again.
 */
export async function askAnyway(door: Door, push: DoorPush): Promise<Told | undefined> {
  try {
    const facts = await door.prepare(push);
    return { facts, description: descriptionOf(door, facts) };
  } catch (failure) {
    if (!(failure instanceof OciError) || ERRORS[failure.code].status >= 500) throw failure;
    return failure.code === 'BLOB_UNKNOWN'
      ? undefined
      : { facts: undefined, description: descriptionOf(door, undefined) };
  }
}

/** What a door says, and as what that is kept. */
export interface Told {
  readonly facts: Facts | undefined;
  readonly description: Description;
}

export function createFacts({ doorOf, catalog, content, ports }: Deps): KnownFacts {
  async function ask(door: Door, { repository, digest }: ArtifactRow): Promise<Facts | undefined> {
    const row = await catalog.queries.findManifest(repository, digest);
    const bytes = row && (await content.load(digest, row.sizeBytes));
    if (!row || !bytes || typeof bytes === 'string') return undefined; // whoever reads it is told
    const manifest = parseManifest(bytes, row.mediaType);
    const readBlob = blobReader({ catalog, content }, repository);
    const told = await askAnyway(door, { repository, digest, manifest, bytes, tags: [], readBlob });
    if (!told) return undefined;
    const { facts, description } = told;
    // Whoever listed it before was told less.
    const raises = facts && door.generation(repository);
    await catalog.run('describeManifest', { repository, digest, description, nowMs: ports.clock(), raises });
    return facts;
  }

  return {
    by(repository) {
      const door = doorOf(repository);
      return door ? describedBy(door) : '';
    },

    of(artifact) {
      const door = doorOf(artifact.repository);
      if (!door) return undefined;
      const { description } = artifact;
      if (description?.by !== describedBy(door)) return ask(door, artifact);
      return description.facts === undefined ? undefined : (JSON.parse(description.facts) as Facts);
    },
  };
}
