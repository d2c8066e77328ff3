import { OciError, type Digest, type RepositoryName } from '../../pkg/oci/index.ts';
import type { Catalog } from '../catalog/index.ts';
import type { ByteRange } from '../storage/index.ts';
import type { VerifiedContent } from './content.ts';
import type { DoorPush } from './ports.ts';

interface Deps {
  readonly catalog: Pick<Catalog, 'queries'>;
  readonly content: Pick<VerifiedContent, 'open'>;
}

/** Reads blobs that the repository holds, for its door. */
export function blobReader({ catalog, content }: Deps, repository: RepositoryName): DoorPush['readBlob'] {
  return async function* readBlob(digest: Digest, range?: ByteRange): AsyncGenerator<Uint8Array> {
    const held = await catalog.queries.findBlob(repository, digest);
    const opened = held && !held.damage ? await content.open(digest, held.sizeBytes) : undefined;
    if (opened === undefined || typeof opened === 'string' || opened.kind === 'elsewhere') {
      throw new OciError('BLOB_UNKNOWN', digest);
    }
    if (opened.kind === 'bytes') {
      yield range ? opened.bytes.subarray(range.start, range.end + 1) : opened.bytes;
      return;
    }
    try {
      yield* opened.content.read(range);
    } finally {
      await opened.content.close();
    }
  };
}
