import type { Digest } from '../../../pkg/oci/index.ts';
import { shardOf } from '../deletions.ts';
import { statement } from '../statement.ts';
import { each, eachAll, row, rows, type Work } from '../step.ts';
import type { By, CommandArgs, CommandResult, Deletion } from '../types.ts';
import { recordChanges, type Change } from './record-change.ts';

// Passes over what a push has locked: that is in use.
const lockCandidate = statement<{ digest: Digest; beforeMs: number }>()((q, p) =>
  q
    .selectFrom('gc_candidates')
    .innerJoin('blobs', 'blobs.digest', 'gc_candidates.digest')
    .select(['blobs.digest', 'blobs.size_bytes as sizeBytes'])
    .where('gc_candidates.digest', '=', p.digest)
    .where('gc_candidates.since_ms', '<=', p.beforeMs)
    .where('blobs.deleting_ms', 'is', null)
    .forUpdate()
    .skipLocked(),
);

const useOf = statement<{ digest: Digest; nowMs: number }>()((q, p) =>
  q.selectNoFrom((eb) => [
    eb
      .selectFrom('manifest_blobs')
      .select('manifest')
      .where('digest', '=', p.digest)
      .limit((inner) => inner.lit(1))
      .as('manifest'),
    eb
      .selectFrom('gc_leases')
      .select((inner) => inner.fn.max('until_ms').as('until'))
      .where('digest', '=', p.digest)
      .where('until_ms', '>', p.nowMs)
      .as('leasedUntilMs'),
  ]),
);

const markDeleting = statement<{ digest: Digest; deletion: string; nowMs: number }>()((q, p) =>
  q.updateTable('blobs').set({ deleting_ms: p.nowMs, deletion: p.deletion }).where('digest', '=', p.digest),
);

const endMemberships = statement<{ digest: Digest }>()((q, p) =>
  q
    .deleteFrom('repository_blobs')
    .where('digest', '=', p.digest)
    .returning((eb) => [
      'digest',
      eb
        .selectFrom('repositories')
        .select('name')
        .whereRef('repositories.id', '=', 'repository_blobs.repository_id')
        .$asScalar()
        .$notNull()
        .as('repository'),
    ]),
);

const dropLeases = statement<{ digest: Digest }>()((q, p) => q.deleteFrom('gc_leases').where('digest', '=', p.digest));

const dropCandidate = statement<{ digest: Digest }>()((q, p) =>
  q.deleteFrom('gc_candidates').where('digest', '=', p.digest),
);

const countDeletion = statement<{ shard: number }>()((q, p) =>
  q
    .insertInto('gc_shards')
    .values((eb) => ({ shard: p.shard, deletions: eb.lit(1) }))
    .onConflict((oc) =>
      oc.column('shard').doUpdateSet((eb) => ({ deletions: eb('gc_shards.deletions', '+', eb.lit(1)) })),
    ),
);

const lockGivenUp = statement<{ beforeMs: number; limit: number }>()((q, p) =>
  q
    .selectFrom('blobs')
    .select(['digest', 'size_bytes as sizeBytes'])
    .where('deleting_ms', '<=', p.beforeMs)
    .orderBy('deleting_ms')
    .orderBy('digest')
    .limit(p.limit)
    .forUpdate()
    .skipLocked(),
);

const deleteMarked = statement<{ digest: Digest; deletion: string }>()((q, p) =>
  q.deleteFrom('blobs').where('digest', '=', p.digest).where('deletion', '=', p.deletion).returning('digest'),
);

const deleteGivenUp = statement<{ digest: Digest; beforeMs: number }>()((q, p) =>
  q.deleteFrom('blobs').where('digest', '=', p.digest).where('deleting_ms', '<=', p.beforeMs).returning('digest'),
);

const isFound = <Found>(found: Found | undefined): found is Found => found !== undefined;

/** Locks those candidates that may go, and gives them with their use as it is by then: no push can add to it any more. */
function* lockCandidates(digests: readonly Digest[], beforeMs: number, nowMs: number) {
  const asked = [...new Set(digests)].toSorted().map((digest) => ({ digest, beforeMs }));
  const locked = (yield* each(lockCandidate, asked)).filter(isFound);
  // Not in one statement with the lock: what a push committed while it was waited for would not be seen by that.
  const uses = yield* each(
    useOf,
    locked.map(({ digest }) => ({ digest, nowMs })),
  );
  return locked.map((candidate, index) => ({
    ...candidate,
    isReferenced: typeof uses[index]?.manifest === 'string',
    isLeased: typeof uses[index]?.leasedUntilMs === 'number',
  }));
}

export function* beginDeletions(args: CommandArgs<'beginDeletions'>): Work<CommandResult<'beginDeletions'>> {
  const { deletion, nowMs } = args;
  const locked = yield* lockCandidates(args.digests, args.beforeMs, nowMs);
  const garbage = locked.filter(({ isReferenced, isLeased }) => !isReferenced && !isLeased);
  const digests = garbage.map(({ digest }) => ({ digest }));
  yield* each(
    markDeleting,
    digests.map(({ digest }) => ({ digest, deletion, nowMs })),
  );
  yield* endHolding(digests, args);
  yield* each(dropLeases, digests);
  yield* each(dropCandidate, digests);
  const shards = new Set(digests.map(({ digest }) => shardOf(digest)));
  yield* each(
    countDeletion,
    [...shards].toSorted((a, b) => a - b).map((shard) => ({ shard })),
  );
  return garbage.map(({ digest, sizeBytes }): Deletion => ({ digest, sizeBytes }));
}

/** Takes the blobs out of the repositories that hold them, as the log is to tell of each. */
function* endHolding(digests: readonly { readonly digest: Digest }[], args: By): Work<void> {
  const ended = (yield* eachAll(endMemberships, digests)).flat();
  for (const [repository, some] of Map.groupBy(ended, (membership) => membership.repository)) {
    const changes = some.map(({ digest }): Change => ({ action: 'blob.delete', name: digest }));
    yield* recordChanges({ ...args, repository }, changes);
  }
}

export function* dismissCandidates(args: CommandArgs<'dismissCandidates'>): Work<CommandResult<'dismissCandidates'>> {
  const locked = yield* lockCandidates(args.digests, Number.MAX_SAFE_INTEGER, args.nowMs);
  const needed = locked
    .filter(({ isReferenced, isLeased }) => isReferenced && !isLeased)
    .map(({ digest }) => ({ digest }));
  yield* each(dropLeases, needed);
  yield* each(dropCandidate, needed);
  return needed.length;
}

export function* takeOverDeletions(args: CommandArgs<'takeOverDeletions'>): Work<CommandResult<'takeOverDeletions'>> {
  const { deletion, beforeMs, nowMs, limit } = args;
  const taken = yield* rows(lockGivenUp, { beforeMs, limit });
  yield* each(
    markDeleting,
    taken.map(({ digest }) => ({ digest, deletion, nowMs })),
  );
  return taken.map(({ digest, sizeBytes }): Deletion => ({ digest, sizeBytes }));
}

export function* endDeletions(args: CommandArgs<'endDeletions'>): Work<CommandResult<'endDeletions'>> {
  const { deletion, digests } = args;
  const ended = yield* each(
    deleteMarked,
    digests.toSorted().map((digest) => ({ digest, deletion })),
  );
  return ended.filter(isFound).length;
}

export function* dropDeletion(args: CommandArgs<'dropDeletion'>): Work<CommandResult<'dropDeletion'>> {
  return (yield* row(deleteGivenUp, { digest: args.digest, beforeMs: args.beforeMs })) !== undefined;
}
