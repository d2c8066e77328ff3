import type { Digest, RepositoryName } from '../../pkg/oci/index.ts';
import type { DumpKind, DumpRow, DumpRowOf } from './dump-rows.ts';
import {
  allBlobs,
  allChanges,
  allCursors,
  allDeleted,
  allFacts,
  allManifests,
  allMemberships,
  allPulls,
  allQuarantine,
  allSeals,
  allTags,
  blobsOfManifests,
  childrenOfManifests,
  neededBlobs,
  neededMemberships,
  repositoriesByAge,
} from './queries/dump.ts';
import {
  allBindings,
  allGroups,
  allIdentities,
  allKeys,
  allProfiles,
  allRoles,
  allUsers,
  allWorkloads,
} from './queries/dump-people.ts';
import type { Statement } from './statement.ts';
import type { CatalogSnapshot, DumpScope } from './types.ts';

/** What an engine gives for a snapshot: a connection on which nothing moves any more. */
export interface FrozenRows {
  /** Every row of a statement without parameters, a few at a time; several may be read by turns. */
  stream<Row>(text: Statement<{}, Row>): AsyncIterable<Row>;
  close(): Promise<void>;
}

type Readers = { readonly [Kind in DumpKind]: (scope: DumpScope) => AsyncIterable<DumpRowOf<Kind>> };

/** The rows of a dump, over what an engine streams. */
export function createSnapshot(frozen: FrozenRows): CatalogSnapshot {
  const stream = <Row>(text: Statement<{}, Row>): AsyncIterable<Row> => frozen.stream(text);

  /** Rows whose columns are those of the dump: null in the database is undefined here. */
  async function* plain<Kind extends DumpKind>(
    kind: Kind,
    rows: AsyncIterable<object>,
  ): AsyncGenerator<DumpRowOf<Kind>> {
    for await (const row of rows) yield toRow(kind, row);
  }

  async function* manifests(): AsyncGenerator<DumpRowOf<'manifest'>> {
    const blobs = createNames(stream(blobsOfManifests));
    const children = createNames(stream(childrenOfManifests));
    try {
      for await (const row of stream(allManifests)) {
        const named = { blobs: await blobs.of(row), children: await children.of(row) };
        yield toRow('manifest', { ...row, ...named });
      }
    } finally {
      await blobs.close();
      await children.close();
    }
  }

  const readers: Readers = {
    repository: () => plain('repository', stream(repositoriesByAge)),
    blob: (scope) => plain('blob', stream(scope === 'all' ? allBlobs : neededBlobs)),
    quarantine: () => plain('quarantine', stream(allQuarantine)),
    membership: (scope) => plain('membership', stream(scope === 'all' ? allMemberships : neededMemberships)),
    manifest: manifests,
    facts: () => plain('facts', stream(allFacts)),
    tag: () => plain('tag', stream(allTags)),
    pull: () => plain('pull', stream(allPulls)),
    deleted: () => plain('deleted', stream(allDeleted)),
    change: () => plain('change', stream(allChanges)),
    seal: () => plain('seal', stream(allSeals)),
    cursor: () => plain('cursor', stream(allCursors)),
    user: () => plain('user', stream(allUsers)),
    group: () => plain('group', stream(allGroups)),
    identity: () => plain('identity', stream(allIdentities)),
    profile: () => plain('profile', stream(allProfiles)),
    role: () => plain('role', stream(allRoles)),
    binding: () => plain('binding', stream(allBindings)),
    key: () => plain('key', stream(allKeys)),
    workload: () => plain('workload', stream(allWorkloads)),
  };
  return {
    read: <Kind extends DumpKind>(kind: Kind, scope: DumpScope) => readers[kind](scope),
    close: () => frozen.close(),
  };
}

function toRow<Kind extends DumpKind>(kind: Kind, row: object): DumpRowOf<Kind> {
  const values = Object.entries(row).map(([name, value]: [string, unknown]) => [name, value ?? undefined]);
  return { kind, ...Object.fromEntries(values) } as DumpRow as DumpRowOf<Kind>;
}

interface Name {
  readonly repository: RepositoryName;
  readonly manifest: Digest;
  readonly digest: Digest;
}

/** What manifests name, handed out manifest by manifest: rows and manifests come in the same order. */
function createNames(rows: AsyncIterable<Name>) {
  const source = rows[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<Name>> | undefined;

  async function of(manifest: { readonly repository: RepositoryName; readonly digest: Digest }): Promise<Digest[]> {
    const digests: Digest[] = [];
    for (;;) {
      const { done, value } = await (next ??= source.next());
      if (done || value.repository !== manifest.repository || value.manifest !== manifest.digest) return digests;
      digests.push(value.digest);
      next = undefined;
    }
  }
  return { of, close: async () => void (await source.return?.()) };
}
