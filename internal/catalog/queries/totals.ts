import type { Digest } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { row, type Work } from '../step.ts';
import type { CatalogTotals } from '../types.ts';

// So much is counted in one step: a few milliseconds of the thread that asks.
const BLOBS_A_STEP = 10_000;
const REPOSITORIES_A_STEP = 100;

const countRepositories = statement<{}>()((q) =>
  q
    .selectFrom('repositories')
    .select((eb) => [eb.fn.countAll<number>().as('rows'), eb.fn.max<number | null>('id').as('lastId')]),
);

const countUploads = statement<{}>()((q) =>
  q.selectFrom('uploads').select((eb) => eb.fn.countAll<number>().as('rows')),
);

const countQuarantine = statement<{}>()((q) =>
  q.selectFrom('quarantine').select((eb) => eb.fn.countAll<number>().as('rows')),
);

const countTags = statement<{ after: number; upTo: number }>()((q, p) =>
  q
    .selectFrom('tags')
    .select((eb) => eb.fn.countAll<number>().as('rows'))
    .where('repository_id', '>', p.after)
    .where('repository_id', '<=', p.upTo),
);

const sumBlobs = statement<{ after: string; limit: number }>()((q, p) =>
  q
    .selectFrom((eb) =>
      eb
        .selectFrom('blobs')
        .select(['digest', 'size_bytes'])
        .where('digest', '>', p.after as Digest)
        .orderBy('digest')
        .limit(p.limit)
        .as('some'),
    )
    .select((eb) => [eb.fn.sum<number | null>('some.size_bytes').as('bytes'), eb.fn.max('some.digest').as('last')]),
);

/** The steps are separate reads: under writes the numbers are of about the same moment, not of one. */
export function* totals(): Work<CatalogTotals> {
  const repositories = yield* row(countRepositories, {});
  const uploads = yield* row(countUploads, {});
  return {
    repositories: repositories?.rows ?? 0,
    tags: yield* allTags(repositories?.lastId ?? 0),
    blobBytes: yield* allBlobBytes(),
    uploads: uploads?.rows ?? 0,
    quarantined: (yield* row(countQuarantine, {}))?.rows ?? 0,
  };
}

function* allTags(lastId: number): Work<number> {
  let tags = 0;
  for (let after = 0; after < lastId; after += REPOSITORIES_A_STEP) {
    tags += (yield* row(countTags, { after, upTo: after + REPOSITORIES_A_STEP }))?.rows ?? 0;
  }
  return tags;
}

function* allBlobBytes(): Work<number> {
  let bytes = 0;
  for (let after: string | null = ''; after !== null;) {
    const part: { bytes: number | null; last: string | null } | undefined = yield* row(sumBlobs, {
      after,
      limit: BLOBS_A_STEP,
    });
    bytes += part?.bytes ?? 0;
    after = part?.last ?? null;
  }
  return bytes;
}
