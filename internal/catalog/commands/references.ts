import type { Digest } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { run, type Work } from '../step.ts';

interface Reference {
  readonly repository: number;
  readonly manifest: Digest;
  readonly digest: Digest;
}

const insertBlobReference = statement<{ repository: number; manifest: Digest; digest: Digest }>()((q, p) =>
  q
    .insertInto('manifest_blobs')
    .values({ repository_id: p.repository, manifest: p.manifest, digest: p.digest })
    .onConflict((oc) => oc.columns(['repository_id', 'manifest', 'digest']).doNothing()),
);

const insertChild = statement<{ repository: number; manifest: Digest; digest: Digest }>()((q, p) =>
  q
    .insertInto('manifest_children')
    .values({ repository_id: p.repository, manifest: p.manifest, digest: p.digest })
    .onConflict((oc) => oc.columns(['repository_id', 'manifest', 'digest']).doNothing()),
);

const deleteBlobReferences = statement<{ repository: number; manifest: Digest }>()((q, p) =>
  q.deleteFrom('manifest_blobs').where('repository_id', '=', p.repository).where('manifest', '=', p.manifest),
);

const deleteChildren = statement<{ repository: number; manifest: Digest }>()((q, p) =>
  q.deleteFrom('manifest_children').where('repository_id', '=', p.repository).where('manifest', '=', p.manifest),
);

export function* referToBlob({ repository, manifest, digest }: Reference): Work<void> {
  yield* run(insertBlobReference, { repository, manifest, digest });
}

export function* referToChild({ repository, manifest, digest }: Reference): Work<void> {
  yield* run(insertChild, { repository, manifest, digest });
}

/** Forgets everything that the manifest names, its own bytes included. */
export function* dropReferences(repository: number, manifest: Digest): Work<void> {
  yield* run(deleteBlobReferences, { repository, manifest });
  yield* run(deleteChildren, { repository, manifest });
}
