import type { Digest } from '../../../pkg/oci/index.ts';
import { referencedBytes } from '../quota-use.ts';
import { statement } from '../statement.ts';
import { lock, row, run, TakenBack, type Work } from '../step.ts';
import type { CommandResult, Quota } from '../types.ts';

const lockRow = statement<{ repository: number }>()((q, p) =>
  q
    .insertInto('repository_usage')
    .values((eb) => ({ repository_id: p.repository, bytes: eb.lit(0) }))
    .onConflict((oc) => oc.column('repository_id').doUpdateSet((eb) => ({ bytes: eb.ref('repository_usage.bytes') }))),
);

const add = statement<{ repository: number; bytes: number }>()((q, p) =>
  q
    .updateTable('repository_usage')
    .set((eb) => ({ bytes: eb('bytes', '+', p.bytes) }))
    .where('repository_id', '=', p.repository),
);

const onlyOf = statement<{ repository: number; manifest: Digest }>()((q, p) =>
  q
    .selectFrom('manifest_blobs')
    .innerJoin('blobs', 'blobs.digest', 'manifest_blobs.digest')
    .select((eb) => eb.fn.sum<number | null>('blobs.size_bytes').as('bytes'))
    .where('manifest_blobs.repository_id', '=', p.repository)
    .where('manifest_blobs.manifest', '=', p.manifest)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('manifest_blobs as others')
            .select('others.manifest')
            .whereRef('others.digest', '=', 'manifest_blobs.digest')
            .whereRef('others.repository_id', '=', 'manifest_blobs.repository_id')
            .whereRef('others.manifest', '!=', 'manifest_blobs.manifest'),
        ),
      ),
    ),
);

const clear = statement<{}>()((q) => q.updateTable('repository_usage').set((eb) => ({ bytes: eb.lit(0) })));

const recount = statement<{}>()((q) =>
  q
    .insertInto('repository_usage')
    .columns(['repository_id', 'bytes'])
    .expression((eb) =>
      eb
        .selectFrom((inner) =>
          inner.selectFrom('manifest_blobs').select(['repository_id', 'digest']).distinct().as('held'),
        )
        .innerJoin('blobs', 'blobs.digest', 'held.digest')
        .select((inner) => ['held.repository_id', inner.fn.sum<number>('blobs.size_bytes').as('bytes')])
        .where('held.repository_id', '>', (inner) => inner.lit(0))
        .groupBy('held.repository_id'),
    )
    .onConflict((oc) => oc.column('repository_id').doUpdateSet((eb) => ({ bytes: eb.ref('excluded.bytes') }))),
);

/** Whoever else holds the repository's usage is waited for, and waits from here on. */
export function* lockUsage(repository: number): Work<void> {
  yield* run(lockRow, { repository });
}

/**
 * Bytes that the repository references through this manifest alone. Of two transactions in one repository the later one
 * sees what the earlier one left: each holds the repository's usage from here to its end. Taken after tags and before
 * candidates and leases of the collector, by everybody.
 */
export function* lockBytesOf(repository: number, manifest: Digest): Work<number> {
  yield* lockUsage(repository);
  return (yield* row(onlyOf, { repository, manifest }))?.bytes ?? 0;
}

/** The usage is held already. */
export function* addUsage(repository: number, bytes: number): Work<void> {
  if (bytes !== 0) yield* run(add, { repository, bytes });
}

/** Takes the whole command back where what was added is more than a quota leaves room for. */
export function* insistOnQuotas(quotas: readonly Quota[]): Work<void> {
  for (const { name, repositories, limitBytes } of quotas) {
    // Whoever adds to the same quota waits: of two that fit alone one may not.
    yield* lock(`quota ${name}`);
    const usedBytes = yield* referencedBytes(repositories);
    if (usedBytes <= limitBytes) continue;
    throw new TakenBack({ kind: 'overQuota', quota: name } satisfies CommandResult<'putManifest'>);
  }
}

/** Of a catalog that was filled from elsewhere. */
export function* recountUsage(): Work<void> {
  yield* run(clear, {});
  yield* run(recount, {});
}
