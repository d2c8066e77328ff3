import type { Digest } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { each, run, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';
import { insertBlob, shareHeldBlobs } from './blobs.ts';
import { findRepository } from '../repository-id.ts';

// Of two transactions that write both, each writes the candidate first and then the lease, and several in the order of
// their digests: so they wait for each other in one direction only.

const nominate = statement<{ digest: Digest; sinceMs: number; repository: number }>()((q, p) =>
  q
    .insertInto('gc_candidates')
    .values({ digest: p.digest, since_ms: p.sinceMs, repository_id: p.repository })
    .onConflict((oc) =>
      oc
        .column('digest')
        .doUpdateSet((eb) => ({
          since_ms: eb.ref('excluded.since_ms'),
          repository_id: eb.ref('excluded.repository_id'),
        }))
        .whereRef('excluded.since_ms', '>', 'gc_candidates.since_ms'),
    ),
);

/** Like `nominate`, but says nothing new of what is a candidate already. */
const nominateNew = statement<{ digest: Digest; sinceMs: number; repository: number | null }>()((q, p) =>
  q
    .insertInto('gc_candidates')
    .values({ digest: p.digest, since_ms: p.sinceMs, repository_id: p.repository })
    .onConflict((oc) => oc.column('digest').doNothing()),
);

const nominateAll = statement<{ nowMs: number }>()((q, p) =>
  q
    .insertInto('gc_candidates')
    .columns(['digest', 'since_ms'])
    .expression((eb) =>
      eb
        .selectFrom('blobs')
        .select((inner) => ['digest', inner.cast<number>(inner.val(p.nowMs), 'bigint').as('since_ms')])
        .where((inner) =>
          inner.not(
            inner.exists(
              inner
                .selectFrom('manifest_blobs')
                .select('manifest_blobs.manifest')
                .whereRef('manifest_blobs.digest', '=', 'blobs.digest'),
            ),
          ),
        ),
    )
    .onConflict((oc) => oc.column('digest').doNothing()),
);

const lengthenLease = statement<{ digest: Digest; repository: number; untilMs: number }>()((q, p) =>
  q
    .insertInto('gc_leases')
    .values({ digest: p.digest, repository_id: p.repository, until_ms: p.untilMs })
    .onConflict((oc) =>
      oc
        .columns(['digest', 'repository_id'])
        .doUpdateSet((eb) => ({ until_ms: eb.ref('excluded.until_ms') }))
        .whereRef('excluded.until_ms', '>', 'gc_leases.until_ms'),
    ),
);

const endLease = statement<{ digest: Digest; repository: number }>()((q, p) =>
  q.deleteFrom('gc_leases').where('digest', '=', p.digest).where('repository_id', '=', p.repository),
);

interface Lease {
  readonly nowMs: number;
  readonly untilMs: number;
}

/** The repository received the blob: it has been waiting for a reference since now, and is kept meanwhile. */
export function* awaitReference(repository: number, digest: Digest, { nowMs, untilMs }: Lease): Work<void> {
  yield* run(nominate, { digest, repository, sinceMs: nowMs });
  yield* run(lengthenLease, { digest, repository, untilMs });
}

/** Somebody relies on a blob that the repository holds, whether or not anything references it. */
export function* lease(repository: number, digest: Digest, { nowMs, untilMs }: Lease): Work<void> {
  yield* run(nominateNew, { digest, repository, sinceMs: nowMs });
  yield* run(lengthenLease, { digest, repository, untilMs });
}

/** References to the blobs were dropped; these may have been the last. */
export function* nominateDropped(repository: number, digests: readonly Digest[], nowMs: number): Work<void> {
  yield* each(
    nominate,
    digests.toSorted().map((digest) => ({ digest, repository, sinceMs: nowMs })),
  );
}

/** A manifest keeps the blobs from now on, or the repository wants them no more. To be the last in its transaction. */
export function* endLeases(repository: number, digests: readonly Digest[]): Work<void> {
  yield* each(
    endLease,
    [...new Set(digests)].toSorted().map((digest) => ({ digest, repository })),
  );
}

/** Of a catalog that was filled from elsewhere: all that nothing references gets the whole delay. */
export function* nominateRestored(nowMs: number): Work<void> {
  yield* run(nominateAll, { nowMs });
}

export function* extendLease(args: CommandArgs<'extendLease'>): Work<CommandResult<'extendLease'>> {
  const repository = yield* findRepository(args.repository);
  const [held] = yield* shareHeldBlobs(repository, [args.digest]);
  if (repository === undefined || held === undefined) return false;
  yield* lease(repository, args.digest, args);
  return true;
}

export function* adoptOrphans({ orphans, nowMs }: CommandArgs<'adoptOrphans'>): Work<CommandResult<'adoptOrphans'>> {
  const inserted = yield* each(
    insertBlob,
    orphans.map(({ digest, sizeBytes }) => ({ digest, sizeBytes, nowMs })),
  );
  const adopted = orphans.filter((_, index) => inserted[index] !== undefined);
  yield* each(
    nominateNew,
    adopted.map(({ digest }) => ({ digest, repository: null, sinceMs: nowMs })),
  );
  return adopted.length;
}
