import type { Kysely } from 'kysely';
import type { Digest, Tag } from '../../../pkg/oci/index.ts';
import type { Schema } from '../schema.ts';
import { statement } from '../statement.ts';
import { row, type Work } from '../step.ts';
import type { CatalogTotals } from '../types.ts';

// So much is counted in one step: a few milliseconds of the thread that asks.
const ROWS_A_STEP = 10_000;

const countRepositories = statement<{ after: number; limit: number }>()((q, p) =>
  q
    .selectFrom((eb) =>
      eb.selectFrom('repositories').select('id').where('id', '>', p.after).orderBy('id').limit(p.limit).as('some'),
    )
    .select((eb) => [eb.fn.countAll<number>().as('rows'), eb.fn.max<number | null>('some.id').as('last')]),
);

const countUploads = statement<{}>()((q) =>
  q.selectFrom('uploads').select((eb) => eb.fn.countAll<number>().as('rows')),
);

const countQuarantine = statement<{}>()((q) =>
  q.selectFrom('quarantine').select((eb) => eb.fn.countAll<number>().as('rows')),
);

type AfterTag = { readonly repository: number; readonly name: string };

const tagsAfter = (q: Kysely<Schema>, p: AfterTag) =>
  q
    .selectFrom('tags')
    .where((eb) => eb(eb.refTuple('repository_id', 'name'), '>', eb.tuple(p.repository, p.name as Tag)))
    .orderBy('repository_id')
    .orderBy('name');

/** The tag that is so many after another; a repository may have any number. */
const laterTag = statement<AfterTag & { offset: number }>()((q, p) =>
  tagsAfter(q, p)
    .select(['repository_id as repository', 'name'])
    .limit((eb) => eb.lit(1))
    .offset(p.offset),
);

const countTags = statement<AfterTag & { limit: number }>()((q, p) =>
  q
    .selectFrom(tagsAfter(q, p).select('name').limit(p.limit).as('some'))
    .select((eb) => eb.fn.countAll<number>().as('rows')),
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
  const uploads = yield* row(countUploads, {});
  return {
    repositories: yield* allRepositories(),
    tags: yield* allTags(),
    blobBytes: yield* allBlobBytes(),
    uploads: uploads?.rows ?? 0,
    quarantined: (yield* row(countQuarantine, {}))?.rows ?? 0,
  };
}

function* allRepositories(): Work<number> {
  let repositories = 0;
  for (let after: number | null = 0; after !== null;) {
    const part: { rows: number; last: number | null } | undefined = yield* row(countRepositories, {
      after,
      limit: ROWS_A_STEP,
    });
    repositories += part?.rows ?? 0;
    after = part?.last ?? null;
  }
  return repositories;
}

function* allTags(): Work<number> {
  let tags = 0;
  for (let after = { repository: 0, name: '' }; ;) {
    const last = yield* row(laterTag, { ...after, offset: ROWS_A_STEP - 1 });
    if (!last) return tags + ((yield* row(countTags, { ...after, limit: ROWS_A_STEP }))?.rows ?? 0);
    tags += ROWS_A_STEP;
    after = last;
  }
}

function* allBlobBytes(): Work<number> {
  let bytes = 0;
  for (let after: string | null = ''; after !== null;) {
    const part: { bytes: number | null; last: string | null } | undefined = yield* row(sumBlobs, {
      after,
      limit: ROWS_A_STEP,
    });
    bytes += part?.bytes ?? 0;
    after = part?.last ?? null;
  }
  return bytes;
}
