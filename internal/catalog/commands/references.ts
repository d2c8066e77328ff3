import type { Digest } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { each, rows, run, type Work } from '../step.ts';
import { nominateDropped } from './gc-candidates.ts';

type Reference = { readonly repository: number; readonly manifest: Digest; readonly digest: Digest };

export const insertBlobReference = statement<Reference>()((q, p) =>
  q
    .insertInto('manifest_blobs')
    .values({ repository_id: p.repository, manifest: p.manifest, digest: p.digest })
    .onConflict((oc) => oc.columns(['repository_id', 'manifest', 'digest']).doNothing()),
);

export const insertChild = statement<Reference>()((q, p) =>
  q
    .insertInto('manifest_children')
    .values({ repository_id: p.repository, manifest: p.manifest, digest: p.digest })
    .onConflict((oc) => oc.columns(['repository_id', 'manifest', 'digest']).doNothing()),
);

/** Whoever deletes what nothing names waits, and then sees that something does. */
const keepChild = statement<{ repository: number; digest: Digest }>()((q, p) =>
  q
    .selectFrom('manifests')
    .select('digest')
    .where('repository_id', '=', p.repository)
    .where('digest', '=', p.digest)
    .forKeyShare(),
);

const referencesOf = statement<{ repository: number; manifest: Digest }>()((q, p) =>
  q
    .selectFrom('manifest_blobs')
    .select('digest')
    .where('repository_id', '=', p.repository)
    .where('manifest', '=', p.manifest),
);

const deleteBlobReferences = statement<{ repository: number; manifest: Digest }>()((q, p) =>
  q.deleteFrom('manifest_blobs').where('repository_id', '=', p.repository).where('manifest', '=', p.manifest),
);

const deleteChildren = statement<{ repository: number; manifest: Digest }>()((q, p) =>
  q.deleteFrom('manifest_children').where('repository_id', '=', p.repository).where('manifest', '=', p.manifest),
);

export function* referToBlobs(repository: number, manifest: Digest, digests: readonly Digest[]): Work<void> {
  yield* each(
    insertBlobReference,
    digests.map((digest) => ({ repository, manifest, digest })),
  );
}

export function* referToChildren(repository: number, manifest: Digest, digests: readonly Digest[]): Work<void> {
  yield* each(
    insertChild,
    digests.map((digest) => ({ repository, manifest, digest })),
  );
  yield* each(
    keepChild,
    [...new Set(digests)].toSorted().map((digest) => ({ repository, digest })),
  );
}

/** Forgets everything that the manifest names, its own bytes included; gives what that was. */
export function* dropReferences(repository: number, manifest: Digest, nowMs: number): Work<readonly Digest[]> {
  const named = (yield* rows(referencesOf, { repository, manifest })).map(({ digest }) => digest);
  yield* run(deleteBlobReferences, { repository, manifest });
  yield* run(deleteChildren, { repository, manifest });
  yield* nominateDropped(repository, named, nowMs);
  return named;
}
