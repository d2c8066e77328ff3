import type { Digest } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { row, type Work } from '../step.ts';
import type { CatalogTotals } from '../types.ts';

/** So many blobs are added up in one step: a few milliseconds of the thread that asks. */
const BLOBS_A_STEP = 10_000;

const countRepositories = statement<{}>()((q) =>
  q.selectFrom('repositories').select((eb) => eb.fn.countAll<number>().as('rows')),
);
const countTags = statement<{}>()((q) => q.selectFrom('tags').select((eb) => eb.fn.countAll<number>().as('rows')));
const countUploads = statement<{}>()((q) =>
  q.selectFrom('uploads').select((eb) => eb.fn.countAll<number>().as('rows')),
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
  const repositories = (yield* row(countRepositories, {}))?.rows ?? 0;
  const tags = (yield* row(countTags, {}))?.rows ?? 0;
  const uploads = (yield* row(countUploads, {}))?.rows ?? 0;
  let blobBytes = 0;
  for (let after: string | null = ''; after !== null;) {
    const part: { bytes: number | null; last: string | null } | undefined = yield* row(sumBlobs, {
      after,
      limit: BLOBS_A_STEP,
    });
    blobBytes += part?.bytes ?? 0;
    after = part?.last ?? null;
  }
  return { repositories, tags, blobBytes, uploads };
}
