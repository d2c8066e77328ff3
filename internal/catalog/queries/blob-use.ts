import type { Digest } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { row, rows, type Work } from '../step.ts';
import type { BlobUse } from '../types.ts';
import { rowsOf } from './page.ts';

const blobByDigest = statement<{ digest: Digest }>()((q, p) =>
  q
    .selectFrom('blobs')
    .leftJoin('gc_candidates', 'gc_candidates.digest', 'blobs.digest')
    .select(['blobs.size_bytes as sizeBytes', 'blobs.created_ms as createdMs', 'blobs.deleting_ms as deletingMs'])
    .select('gc_candidates.since_ms as candidateMs')
    .where('blobs.digest', '=', p.digest),
);

const leasesOf = statement<{ digest: Digest }>()((q, p) =>
  q
    .selectFrom('gc_leases')
    .innerJoin('repositories', 'repositories.id', 'gc_leases.repository_id')
    .select(['repositories.name as repository', 'gc_leases.until_ms as untilMs'])
    .where('gc_leases.digest', '=', p.digest)
    .orderBy('gc_leases.repository_id'),
);

const referencesTo = statement<{ digest: Digest; limit: number }>()((q, p) =>
  q
    .selectFrom('manifest_blobs')
    .innerJoin('repositories', 'repositories.id', 'manifest_blobs.repository_id')
    .select(['repositories.name as repository', 'manifest_blobs.manifest'])
    .select((eb) =>
      eb
        .selectFrom('tags')
        .select('tags.name')
        .whereRef('tags.repository_id', '=', 'manifest_blobs.repository_id')
        .whereRef('tags.digest', '=', 'manifest_blobs.manifest')
        .orderBy('tags.name')
        .limit((each) => each.lit(1))
        .as('tag'),
    )
    .where('manifest_blobs.digest', '=', p.digest)
    .orderBy('manifest_blobs.repository_id')
    .orderBy('manifest_blobs.manifest')
    .limit(p.limit),
);

export function* findBlobUse(digest: Digest, mostReferences: number): Work<BlobUse | undefined> {
  const blob = yield* row(blobByDigest, { digest });
  if (!blob) return undefined;
  const leases = yield* rows(leasesOf, { digest });
  const references = yield* rows(referencesTo, { digest, limit: rowsOf({ limit: mostReferences }) });
  return {
    sizeBytes: blob.sizeBytes,
    createdMs: blob.createdMs,
    deletingMs: blob.deletingMs ?? undefined,
    candidateMs: blob.candidateMs ?? undefined,
    leases,
    references: references.map((each) => ({ ...each, tag: each.tag ?? undefined })),
  };
}
