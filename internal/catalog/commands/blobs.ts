import type { Digest } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { row, run, type Work } from '../step.ts';

const insertBlob = statement<{ digest: Digest; sizeBytes: number; nowMs: number }>()((q, p) =>
  q
    .insertInto('blobs')
    .values({ digest: p.digest, size_bytes: p.sizeBytes, created_ms: p.nowMs })
    .onConflict((oc) => oc.column('digest').doNothing()),
);

const heldBlob = statement<{ repository: number; digest: Digest }>()((q, p) =>
  q
    .selectFrom('repository_blobs')
    .innerJoin('blobs', 'blobs.digest', 'repository_blobs.digest')
    .select('blobs.size_bytes as sizeBytes')
    .where('repository_blobs.repository_id', '=', p.repository)
    .where('repository_blobs.digest', '=', p.digest),
);

const insertMembership = statement<{ repository: number; digest: Digest; nowMs: number }>()((q, p) =>
  q
    .insertInto('repository_blobs')
    .values({ repository_id: p.repository, digest: p.digest, since_ms: p.nowMs })
    .onConflict((oc) => oc.columns(['repository_id', 'digest']).doNothing())
    .returning('digest'),
);

/** Records content that storage has; nothing happens where it is known. */
export function* recordBlob(digest: Digest, sizeBytes: number, nowMs: number): Work<void> {
  yield* run(insertBlob, { digest, sizeBytes, nowMs });
}

/** The blob's size where the repository holds it. */
export function* findHeldBlob(repository: number, digest: Digest): Work<number | undefined> {
  return (yield* row(heldBlob, { repository, digest }))?.sizeBytes;
}

/** Makes the blob the repository's. True where it was not before. */
export function* holdBlob(repository: number, digest: Digest, nowMs: number): Work<boolean> {
  return (yield* row(insertMembership, { repository, digest, nowMs })) !== undefined;
}
