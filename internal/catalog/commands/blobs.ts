import type { Digest } from '../../../pkg/oci/index.ts';
import { shardOf } from '../deletions.ts';
import { statement } from '../statement.ts';
import { ask, each, row, run, TakenBack, together, type Work } from '../step.ts';
import type { By, CommandResult } from '../types.ts';
import { lift, quarantineOf } from './quarantine.ts';

export const insertBlob = statement<{ digest: Digest; sizeBytes: number; nowMs: number }>()((q, p) =>
  q
    .insertInto('blobs')
    .values({ digest: p.digest, size_bytes: p.sizeBytes, created_ms: p.nowMs })
    .onConflict((oc) => oc.column('digest').doNothing())
    .returning('digest'),
);

/** Whoever decides that nothing needs the content passes the row over, or is waited for. */
const shareBlob = statement<{ digest: Digest }>()((q, p) =>
  q
    .selectFrom('blobs')
    .select(['size_bytes as sizeBytes', 'deleting_ms as deletingMs'])
    .where('digest', '=', p.digest)
    .forShare(),
);

const deletionsIn = statement<{ shard: number }>()((q, p) =>
  q.selectFrom('gc_shards').select('deletions').where('shard', '=', p.shard),
);

const correctSize = statement<{ digest: Digest; sizeBytes: number }>()((q, p) =>
  q.updateTable('blobs').set({ size_bytes: p.sizeBytes }).where('digest', '=', p.digest),
);

// What is quarantined is like absent: who pushes it again mends it. As with `shareBlob`; and whoever takes the blob from the repository waits for this transaction or is waited for: then
// the row is read as it is by now, or not found. The blob is locked first, as whoever deletes it does.
const shareHeld = statement<{ repository: number; digest: Digest }>()((q, p) =>
  q
    .selectFrom('blobs')
    .innerJoin('repository_blobs', 'repository_blobs.digest', 'blobs.digest')
    .select('blobs.size_bytes as sizeBytes')
    .where('blobs.digest', '=', p.digest)
    .where('blobs.deleting_ms', 'is', null)
    .where('repository_blobs.repository_id', '=', p.repository)
    .where((eb) =>
      eb.not(
        eb.exists(eb.selectFrom('quarantine').select('problem').whereRef('quarantine.digest', '=', 'blobs.digest')),
      ),
    )
    .forShare(),
);

export const insertMembership = statement<{ repository: number; digest: Digest; nowMs: number }>()((q, p) =>
  q
    .insertInto('repository_blobs')
    .values({ repository_id: p.repository, digest: p.digest, since_ms: p.nowMs })
    .onConflict((oc) => oc.columns(['repository_id', 'digest']).doNothing())
    .returning('digest'),
);

/** Content that is in its place, as its digest says. */
export interface Brought {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** What `findDeletion` said before it was brought there. */
  readonly seen: number | undefined;
  /** Whether it replaced what was there, whatever became of that. */
  readonly replaced: boolean | undefined;
}

/**
 * Records content that storage has, and keeps it until the end of this transaction. Where somebody may have removed it
 * since it was brought, the whole command is taken back with `again`: it is being deleted, or some deletion was begun
 * since `seen` (where that is undefined the caller vouches for it); or what was there is quarantined, and may be there
 * still.
 */
export function* recordBlob({ digest, sizeBytes, seen, replaced }: Brought, by: By): Work<void> {
  const { nowMs } = by;
  for (;;) {
    // Counted last: until the row is locked, or there for this transaction only, a deletion may still begin.
    const [, stored, shard, quarantined] = yield* together(
      ask(insertBlob, { digest, sizeBytes, nowMs }),
      ask(shareBlob, { digest }),
      ask(deletionsIn, { shard: shardOf(digest) }),
      ask(quarantineOf, { digest }),
    );
    if (!stored) continue; // its deletion ended between the two
    const isSeen = seen === undefined || seen === (shard?.deletions ?? 0);
    const isRight = !quarantined || replaced;
    if (stored.deletingMs !== null || !isSeen || !isRight) throw new TakenBack({ kind: 'again' } satisfies Again);
    // Content that was adopted has the size that somebody found; this one was counted.
    if (stored.sizeBytes !== sizeBytes) yield* run(correctSize, { digest, sizeBytes });
    if (quarantined) yield* lift(by, { digest, foundMs: quarantined.foundMs });
    return;
  }
}

type Again = CommandResult<'finishUpload'> & CommandResult<'putManifest'>;

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
