import { OciError, type Digest, type Manifest, type RepositoryName } from '../../pkg/oci/index.ts';
import type { DumpRow } from '../catalog/index.ts';
import { askAnyway, doorsIn, type Door, type DoorPush, type ManifestFacts } from '../registry/index.ts';
import type { BlobReader, ByteRange } from '../storage/index.ts';

interface Deps {
  readonly storage: { readonly blobs: BlobReader };
  readonly doors?: readonly Door[] | undefined;
}

interface Stored {
  readonly repository: RepositoryName;
  readonly digest: Digest;
  readonly manifest: Manifest;
  readonly facts: ManifestFacts;
  readonly bytes: Uint8Array;
}

/** The row of what the repository's door says of a manifest that storage has; none where no door owns it. */
export async function describeStored(
  { storage, doors = [] }: Deps,
  { repository, digest, manifest, facts, bytes }: Stored,
): Promise<readonly DumpRow[]> {
  const door = doorsIn(doors)(repository);
  if (!door) return [];
  // The repository is known to hold no more than that, and a blob that was damaged is not read for what it is.
  const sizes = new Map(facts.blobs.map((blob) => [blob.digest, blob.sizeBytes]));
  const readBlob = blobReader(storage.blobs, sizes);
  const told = await askAnyway(door, { repository, digest, manifest, bytes, tags: [], readBlob });
  return told ? [{ kind: 'facts', repository, digest, ...told.description }] : [];
}

function blobReader(blobs: BlobReader, sizes: ReadonlyMap<Digest, number>): DoorPush['readBlob'] {
  return async function* readBlob(digest: Digest, range?: ByteRange): AsyncGenerator<Uint8Array> {
    const content = sizes.has(digest) ? await blobs.open(digest) : undefined;
    if (!content) throw new OciError('BLOB_UNKNOWN', digest);
    try {
      if (content.sizeBytes !== sizes.get(digest)) throw new OciError('BLOB_UNKNOWN', digest);
      yield* content.read(range);
    } finally {
      await content.close();
    }
  };
}
