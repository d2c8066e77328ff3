import { sql } from 'kysely';
import type { Digest, RepositoryName, Tag } from '../../../pkg/oci/index.ts';
import { idOf } from '../repository-id.ts';
import { statement } from '../statement.ts';
import { row, rows, type Work } from '../step.ts';
import type { ManifestTimes, PageOf, TagTime } from '../types.ts';
import { placeOf, rowsOf } from './page.ts';

type Page = { readonly repository: RepositoryName; readonly after: string; readonly limit: number };

// The condition on the action is spelled as in the index that serves it.
const tagTimesAfter = statement<Page>()((q, p) =>
  q
    .selectFrom('tags')
    .select(['tags.name', 'tags.digest'])
    .select((eb) =>
      eb
        .selectFrom('changes')
        .select('changes.time_ms')
        .where('changes.repository', '=', p.repository)
        .whereRef('changes.name', '=', 'tags.name')
        .where(sql<boolean>`changes.action in ('tag.put', 'tag.delete')`)
        .orderBy('changes.id', 'desc')
        .limit((each) => each.lit(1))
        .as('setMs'),
    )
    .where('tags.repository_id', '=', idOf(q, p.repository))
    .where('tags.name', '>', p.after as Tag)
    .orderBy('tags.name')
    .limit(p.limit),
);

const manifestTimesAfter = statement<Page>()((q, p) =>
  q
    .selectFrom('manifests')
    .select('manifests.digest')
    .select((eb) => [
      eb
        .selectFrom('pulls')
        .select('pulls.pulled_ms')
        .whereRef('pulls.repository_id', '=', 'manifests.repository_id')
        .whereRef('pulls.digest', '=', 'manifests.digest')
        .as('pulledMs'),
      eb
        .selectFrom('changes')
        .select('changes.time_ms')
        .where('changes.repository', '=', p.repository)
        .whereRef('changes.from_digest', '=', 'manifests.digest')
        .orderBy('changes.time_ms', 'desc')
        .limit((each) => each.lit(1))
        .as('leftMs'),
    ])
    .where('manifests.repository_id', '=', idOf(q, p.repository))
    .where('manifests.digest', '>', p.after as Digest)
    .orderBy('manifests.digest')
    .limit(p.limit),
);

const counterOf = statement<{ name: string }>()((q, p) =>
  q.selectFrom('counters').select('value').where('name', '=', p.name),
);

export function* listTagTimes(repository: RepositoryName, page: PageOf<string>): Work<readonly TagTime[]> {
  const found = yield* rows(tagTimesAfter, { repository, after: placeOf(page), limit: rowsOf(page) });
  return found.map(({ name, digest, setMs }) => ({ tag: name, digest, setMs: setMs ?? undefined }));
}

export function* listManifestTimes(repository: RepositoryName, page: PageOf<string>): Work<readonly ManifestTimes[]> {
  const found = yield* rows(manifestTimesAfter, { repository, after: placeOf(page), limit: rowsOf(page) });
  return found.map(({ digest, pulledMs, leftMs }) => ({
    digest,
    pulledMs: pulledMs ?? undefined,
    leftMs: leftMs ?? undefined,
  }));
}

export function* pullsSince(): Work<number> {
  return (yield* row(counterOf, { name: 'pulls since' }))?.value ?? Number.MAX_SAFE_INTEGER;
}
