import type { Kysely } from 'kysely';
import type { RepositoryName, Tag } from '../../../pkg/oci/index.ts';
import { placesBelow } from '../repositories-below.ts';
import { idOf } from '../repository-id.ts';
import type { Schema } from '../schema.ts';
import { statement } from '../statement.ts';
import { row, rows, type Work } from '../step.ts';
import type { ArtifactRow, GenerationRow, PageOf } from '../types.ts';
import { placeOf, rowsOf } from './page.ts';

const COLUMNS = [
  'tags.repository_id as repositoryId',
  'tags.name as tag',
  'tags.id',
  'tags.digest',
  'manifests.media_type as mediaType',
  'manifests.artifact_type as artifactType',
  'manifests.pushed_ms as pushedMs',
  'manifests.facts',
  'manifests.described_by as describedBy',
] as const;

interface Columns extends Pick<ArtifactRow, 'repositoryId' | 'tag' | 'id' | 'digest' | 'mediaType' | 'pushedMs'> {
  readonly artifactType: string | null;
  readonly facts: string | null;
  readonly describedBy: string | null;
}

const artifacts = (q: Kysely<Schema>) =>
  q
    .selectFrom('tags')
    .innerJoin('manifests', (join) =>
      join.onRef('manifests.repository_id', '=', 'tags.repository_id').onRef('manifests.digest', '=', 'tags.digest'),
    )
    .select(COLUMNS);

const artifactTagged = statement<{ repository: RepositoryName; tag: Tag }>()((q, p) =>
  artifacts(q).where('tags.repository_id', '=', idOf(q, p.repository)).where('tags.name', '=', p.tag),
);

const artifactsAfter = statement<{ repository: RepositoryName; after: string; limit: number }>()((q, p) =>
  artifacts(q)
    .where('tags.repository_id', '=', idOf(q, p.repository))
    .where('tags.name', '>', p.after as Tag)
    .orderBy('tags.name')
    .limit(p.limit),
);

const artifactsWithin = statement<{ after: string; before: string; limit: number }>()((q, p) =>
  artifacts(q)
    .innerJoin('repositories', 'repositories.id', 'tags.repository_id')
    .select('repositories.name as repository')
    .where('repositories.name', '>', p.after as RepositoryName)
    .where('repositories.name', '<', p.before as RepositoryName)
    .orderBy('repositories.name')
    .orderBy('tags.name')
    .limit(p.limit),
);

const describedWithin = statement<{ after: string; before: string; by: string; limit: number }>()((q, p) =>
  q
    .selectFrom('repositories')
    .select(['repositories.name', 'repositories.id'])
    .where('repositories.name', '>', p.after as RepositoryName)
    .where('repositories.name', '<', p.before as RepositoryName)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('tags')
          .innerJoin('manifests', (join) =>
            join
              .onRef('manifests.repository_id', '=', 'tags.repository_id')
              .onRef('manifests.digest', '=', 'tags.digest'),
          )
          .select('tags.id')
          .whereRef('tags.repository_id', '=', 'repositories.id')
          .where((each) =>
            each.or([
              each('manifests.facts', 'is not', null),
              each('manifests.described_by', 'is', null),
              each('manifests.described_by', '!=', p.by),
            ]),
          ),
      ),
    )
    .orderBy('repositories.name')
    .limit(p.limit),
);

const generationOf = statement<{ key: string }>()((q, p) =>
  q.selectFrom('generations').select(['generation', 'changed_ms as changedMs']).where('key', '=', p.key),
);

const generationsWithin = statement<{ after: string; before: string; limit: number }>()((q, p) =>
  q
    .selectFrom('generations')
    .select(['key', 'generation', 'changed_ms as changedMs'])
    .where('key', '>', p.after)
    .where('key', '<', p.before)
    .orderBy('key')
    .limit(p.limit),
);

export function* findArtifact(repository: RepositoryName, tag: Tag): Work<ArtifactRow | undefined> {
  const found = yield* row(artifactTagged, { repository, tag });
  return found && toArtifact(repository, found);
}

export function* listArtifacts(repository: RepositoryName, page: PageOf<string>): Work<readonly ArtifactRow[]> {
  const found = yield* rows(artifactsAfter, { repository, after: placeOf(page), limit: rowsOf(page) });
  return found.map((each) => toArtifact(repository, each));
}

/** What is left of the repository that the page goes on in, then others: so no row is read that is not answered. */
export function* listArtifactsBelow(
  repository: RepositoryName,
  { after, limit }: PageOf<Pick<ArtifactRow, 'repository' | 'tag'>>,
): Work<readonly ArtifactRow[]> {
  const first = after?.repository ?? repository;
  const rest = yield* listArtifacts(first, { after: after?.tag, limit });
  const left = rowsOf({ limit }) - rest.length;
  if (left <= 0) return rest;
  const places = placesBelow(repository);
  const from = first > places.after ? first : places.after;
  const others = yield* rows(artifactsWithin, { ...places, after: from, limit: left });
  return [...rest, ...others.map((each) => toArtifact(each.repository, each))];
}

export function* listDescribed(
  below: RepositoryName,
  by: string,
  page: PageOf<string>,
): Work<readonly { readonly name: RepositoryName; readonly id: number }[]> {
  const places = placesBelow(below);
  const after = placeOf(page);
  return yield* rows(describedWithin, {
    ...places,
    after: after > places.after ? after : places.after,
    by,
    limit: rowsOf(page),
  });
}

export function* findGeneration(key: string): Work<GenerationRow | undefined> {
  return yield* row(generationOf, { key });
}

export function* listGenerations(
  below: RepositoryName,
  page: PageOf<string>,
): Work<readonly (GenerationRow & { readonly key: string })[]> {
  const places = placesBelow(below);
  const after = placeOf(page);
  const from = after > places.after ? after : places.after;
  return yield* rows(generationsWithin, { ...places, after: from, limit: rowsOf(page) });
}

function toArtifact(repository: RepositoryName, found: Columns): ArtifactRow {
  const { repositoryId, tag, id, digest, mediaType, artifactType, pushedMs, facts, describedBy } = found;
  const description = describedBy === null ? undefined : { by: describedBy, facts: facts ?? undefined };
  return {
    repository,
    repositoryId,
    tag,
    id,
    digest,
    mediaType,
    artifactType: artifactType ?? undefined,
    pushedMs,
    description,
  };
}
