import type { Digest } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { each, row, run, type Work } from '../step.ts';

export const insertBlob = statement<{ digest: Digest; sizeBytes: number; nowMs: number }>()((q, p) =>
  q
    .insertInto('blobs')
    .values({ digest: p.digest, size_bytes: p.sizeBytes, created_ms: p.nowMs })
    .onConflict((oc) => oc.column('digest').doNothing()),
);

// Whoever takes the blob from the repository, or decides that nothing needs its content, waits for this transaction or
// is waited for: then the row is read as it is by now, or not found.
const shareHeld = statement<{ repository: number; digest: Digest }>()((q, p) =>
  q
    .selectFrom('repository_blobs')
    .innerJoin('blobs', 'blobs.digest', 'repository_blobs.digest')
    .select('blobs.size_bytes as sizeBytes')
    .where('repository_blobs.repository_id', '=', p.repository)
    .where('repository_blobs.digest', '=', p.digest)
    .forShare(),
);

export const insertMembership = statement<{ repository: number; digest: Digest; nowMs: number }>()((q, p) =>
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

/**
 * The sizes of those blobs that the repository holds, undefined for the others; none without a repository. What is
 * found stays until the end of this transaction.
 */
export function* shareHeldBlobs(
  repository: number | undefined,
  digests: readonly Digest[],
): Work<readonly (number | undefined)[]> {
  if (repository === undefined) return [];
  const held = yield* each(
    shareHeld,
    digests.map((digest) => ({ repository, digest })),
  );
  return held.map((found) => found?.sizeBytes);
}

/** Makes the blob the repository's. True where it was not before. */
export function* holdBlob(repository: number, digest: Digest, nowMs: number): Work<boolean> {
  return (yield* row(insertMembership, { repository, digest, nowMs })) !== undefined;
}
