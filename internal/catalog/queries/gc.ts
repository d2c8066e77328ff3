import type { Digest, RepositoryName } from '../../../pkg/oci/index.ts';
import { shardOf } from '../deletions.ts';
import { statement } from '../statement.ts';
import { row, rows, type Work } from '../step.ts';
import type { Candidate, CandidatePage, DeletionState, HeldBlob } from '../types.ts';
import { rowsOf } from './page.ts';

// One statement, so that all are of one moment.
const deletionOf = statement<{ digest: Digest; shard: number }>()((q, p) =>
  q.selectNoFrom((eb) => [
    eb.selectFrom('gc_shards').select('deletions').where('shard', '=', p.shard).as('seen'),
    eb.selectFrom('blobs').select('deleting_ms').where('digest', '=', p.digest).as('deletingMs'),
    eb.selectFrom('quarantine').select('problem').where('digest', '=', p.digest).as('damage'),
    eb
      .selectFrom('repository_blobs')
      .select('repository_id')
      .where('digest', '=', p.digest)
      .limit((each) => each.lit(1))
      .as('holder'),
    eb
      .selectFrom('manifest_blobs')
      .select('manifest')
      .where('digest', '=', p.digest)
      .limit((each) => each.lit(1))
      .as('manifest'),
  ]),
);

const heldBlob = statement<{ repository: RepositoryName; digest: Digest }>()((q, p) =>
  q
    .selectFrom('repositories')
    .innerJoin('repository_blobs', 'repository_blobs.repository_id', 'repositories.id')
    .innerJoin('blobs', 'blobs.digest', 'repository_blobs.digest')
    .leftJoin('gc_leases', (join) =>
      join
        .onRef('gc_leases.digest', '=', 'repository_blobs.digest')
        .onRef('gc_leases.repository_id', '=', 'repository_blobs.repository_id'),
    )
    .leftJoin('quarantine', 'quarantine.digest', 'blobs.digest')
    .select(['blobs.size_bytes as sizeBytes', 'gc_leases.until_ms as untilMs', 'quarantine.problem as damage'])
    .select((eb) =>
      eb
        .selectFrom('manifest_blobs')
        .select('manifest_blobs.manifest')
        .whereRef('manifest_blobs.digest', '=', 'blobs.digest')
        .limit((each) => each.lit(1))
        .as('manifest'),
    )
    .where('repositories.name', '=', p.repository)
    .where('repository_blobs.digest', '=', p.digest),
);

const candidatesAfter = statement<{ sinceMs: number; digest: string; untilMs: number; limit: number }>()((q, p) =>
  q
    .selectFrom('gc_candidates')
    .innerJoin('blobs', 'blobs.digest', 'gc_candidates.digest')
    .select(['gc_candidates.digest', 'gc_candidates.since_ms as sinceMs', 'blobs.size_bytes as sizeBytes'])
    .select((eb) => [
      eb
        .selectFrom('repositories')
        .select('repositories.name')
        .whereRef('repositories.id', '=', 'gc_candidates.repository_id')
        .as('repository'),
      eb
        .selectFrom('manifest_blobs')
        .select('manifest_blobs.manifest')
        .whereRef('manifest_blobs.digest', '=', 'gc_candidates.digest')
        .limit((each) => each.lit(1))
        .as('manifest'),
      eb
        .selectFrom('gc_leases')
        .select((each) => each.fn.max<number | null>('gc_leases.until_ms').as('until'))
        .whereRef('gc_leases.digest', '=', 'gc_candidates.digest')
        .as('leasedUntilMs'),
    ])
    .where('gc_candidates.since_ms', '<=', p.untilMs)
    .where((eb) =>
      eb(
        eb.refTuple('gc_candidates.since_ms', 'gc_candidates.digest'),
        '>',
        eb.tuple(eb.val(p.sinceMs), eb.val(p.digest as Digest)),
      ),
    )
    .orderBy('gc_candidates.since_ms')
    .orderBy('gc_candidates.digest')
    .limit(p.limit),
);

export function* findDeletion(digest: Digest): Work<DeletionState> {
  const found = yield* row(deletionOf, { digest, shard: shardOf(digest) });
  const [seen, deletingMs] = [found?.seen ?? 0, found?.deletingMs ?? undefined];
  const isUsed = (found?.holder ?? found?.manifest ?? null) !== null;
  return { seen, deletingMs, isUsed, ...(found?.damage && { damage: found.damage }) };
}

export function* findHeldBlob(repository: RepositoryName, digest: Digest): Work<HeldBlob | undefined> {
  const found = yield* row(heldBlob, { repository, digest });
  if (!found) return undefined;
  const { sizeBytes, manifest, untilMs, damage } = found;
  return { sizeBytes, leasedUntilMs: manifest === null ? (untilMs ?? 0) : undefined, ...(damage && { damage }) };
}

export function* listCandidates(page: CandidatePage): Work<readonly Candidate[]> {
  const { after, untilMs } = page;
  const place = { sinceMs: after?.sinceMs ?? -1, digest: after?.digest ?? '' };
  const found = yield* rows(candidatesAfter, { ...place, untilMs, limit: rowsOf(page) });
  return found.map(({ digest, sizeBytes, sinceMs, repository, manifest, leasedUntilMs }) => ({
    digest,
    sizeBytes,
    sinceMs,
    repository: repository ?? undefined,
    isReferenced: manifest !== null,
    leasedUntilMs: leasedUntilMs ?? 0,
  }));
}
