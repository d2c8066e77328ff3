import { sql, type Kysely } from 'kysely';
import type { RepositoryName } from '../../../pkg/oci/index.ts';
import type { Schema } from '../schema.ts';
import { statement } from '../statement.ts';
import { PEOPLE_STATEMENTS } from './dump-people.ts';

// Each reads a whole table in an order that only names and digests decide, so that it is the same on every engine.

export const repositoriesByAge = statement<{}>()((q) => q.selectFrom('repositories').select('name').orderBy('id'));

const blobs = (q: Kysely<Schema>) =>
  q
    .selectFrom('blobs')
    .select(['blobs.digest', 'blobs.size_bytes as sizeBytes', 'blobs.created_ms as createdMs'])
    .where('blobs.deleting_ms', 'is', null)
    .orderBy('blobs.digest');

export const allBlobs = statement<{}>()(blobs);

export const neededBlobs = statement<{}>()((q) =>
  blobs(q).where((eb) =>
    eb.exists(
      eb
        .selectFrom('manifest_blobs')
        .select('manifest_blobs.manifest')
        .whereRef('manifest_blobs.digest', '=', 'blobs.digest'),
    ),
  ),
);

export const allQuarantine = statement<{}>()((q) =>
  q
    .selectFrom('quarantine')
    .innerJoin('blobs', 'blobs.digest', 'quarantine.digest')
    .select(['quarantine.digest', 'quarantine.problem', 'quarantine.found_ms as foundMs'])
    .where('blobs.deleting_ms', 'is', null)
    .orderBy('quarantine.digest'),
);

const memberships = (q: Kysely<Schema>) =>
  q
    .selectFrom('repositories')
    .innerJoin('repository_blobs', 'repository_blobs.repository_id', 'repositories.id')
    .select(['repositories.name as repository', 'repository_blobs.digest', 'repository_blobs.since_ms as sinceMs'])
    .orderBy('repositories.name')
    .orderBy('repository_blobs.digest');

export const allMemberships = statement<{}>()(memberships);

/** Those that a manifest implies; that its own bytes are a blob too implies nothing. */
export const neededMemberships = statement<{}>()((q) =>
  memberships(q).where((eb) =>
    eb.exists(
      eb
        .selectFrom('manifest_blobs')
        .select('manifest_blobs.manifest')
        .whereRef('manifest_blobs.digest', '=', 'repository_blobs.digest')
        .whereRef('manifest_blobs.repository_id', '=', 'repository_blobs.repository_id')
        .whereRef('manifest_blobs.manifest', '!=', 'manifest_blobs.digest'),
    ),
  ),
);

export const allManifests = statement<{}>()((q) =>
  q
    .selectFrom('repositories')
    .innerJoin('manifests', 'manifests.repository_id', 'repositories.id')
    .select([
      'repositories.name as repository',
      'manifests.digest',
      'manifests.media_type as mediaType',
      'manifests.size_bytes as sizeBytes',
      'manifests.pushed_ms as pushedMs',
      'manifests.artifact_type as artifactType',
      'manifests.subject',
      'manifests.annotations',
    ])
    .orderBy('repositories.name')
    .orderBy('manifests.digest'),
);

export const allFacts = statement<{}>()((q) =>
  q
    .selectFrom('repositories')
    .innerJoin('manifests', 'manifests.repository_id', 'repositories.id')
    .select(['repositories.name as repository', 'manifests.digest', 'manifests.facts'])
    .select(sql<string>`manifests.described_by`.as('by'))
    .where('manifests.described_by', 'is not', null)
    .orderBy('repositories.name')
    .orderBy('manifests.digest'),
);

/** What manifests name, in the order of `allManifests`; not their own bytes. */
export const blobsOfManifests = statement<{}>()((q) =>
  q
    .selectFrom('repositories')
    .innerJoin('manifest_blobs', 'manifest_blobs.repository_id', 'repositories.id')
    .select(['repositories.name as repository', 'manifest_blobs.manifest', 'manifest_blobs.digest'])
    .whereRef('manifest_blobs.manifest', '!=', 'manifest_blobs.digest')
    .orderBy('repositories.name')
    .orderBy('manifest_blobs.manifest')
    .orderBy('manifest_blobs.digest'),
);

export const childrenOfManifests = statement<{}>()((q) =>
  q
    .selectFrom('repositories')
    .innerJoin('manifest_children', 'manifest_children.repository_id', 'repositories.id')
    .select(['repositories.name as repository', 'manifest_children.manifest', 'manifest_children.digest'])
    .orderBy('repositories.name')
    .orderBy('manifest_children.manifest')
    .orderBy('manifest_children.digest'),
);

export const allTags = statement<{}>()((q) =>
  q
    .selectFrom('repositories')
    .innerJoin('tags', 'tags.repository_id', 'repositories.id')
    .select(['repositories.name as repository', 'tags.name', 'tags.digest'])
    .orderBy('repositories.name')
    .orderBy('tags.name'),
);

export const allPulls = statement<{}>()((q) =>
  q
    .selectFrom('repositories')
    .innerJoin('pulls', 'pulls.repository_id', 'repositories.id')
    .select(['repositories.name as repository', 'pulls.digest', 'pulls.pulled_ms as pulledMs'])
    .orderBy('repositories.name')
    .orderBy('pulls.digest'),
);

export const allDeleted = statement<{}>()((q) =>
  q
    .selectFrom('repositories')
    .innerJoin('deleted_manifests', 'deleted_manifests.repository_id', 'repositories.id')
    .select(['repositories.name as repository', 'deleted_manifests.digest'])
    .select(['media_type as mediaType', 'size_bytes as sizeBytes', 'deleted_ms as deletedMs'])
    .orderBy('repositories.name')
    .orderBy('deleted_manifests.digest'),
);

export const allChanges = statement<{}>()((q) =>
  q
    .selectFrom('changes')
    .select(['sequence', 'time_ms as timeMs', 'action', 'name', 'from_digest as from', 'to_digest as to'])
    .select(['principal', 'address', 'request_id as requestId', 'result', 'detail', 'hash'])
    .select(sql<RepositoryName | null>`nullif(repository, '')`.as('repository'))
    .orderBy('id'),
);

export const allSeals = statement<{}>()((q) =>
  q
    .selectFrom('seals')
    .select(['first_sequence as first', 'last_sequence as last', 'hash', 'time_ms as timeMs'])
    .orderBy('last_sequence'),
);

export const allCursors = statement<{}>()((q) => q.selectFrom('cursors').select(['name', 'sequence']).orderBy('name'));

/** All of them, for an engine that reads ahead. */
export const DUMP_STATEMENTS = [
  repositoriesByAge,
  allBlobs,
  neededBlobs,
  allQuarantine,
  allMemberships,
  neededMemberships,
  allManifests,
  allFacts,
  blobsOfManifests,
  childrenOfManifests,
  allTags,
  allPulls,
  allDeleted,
  allChanges,
  allSeals,
  allCursors,
  ...PEOPLE_STATEMENTS,
] as const;
