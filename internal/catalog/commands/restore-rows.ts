import type { Digest, RepositoryName, Tag } from '../../../pkg/oci/index.ts';
import { PEOPLE_KINDS } from '../dump-people.ts';
import type { DumpKind, DumpRow, DumpRowOf } from '../dump-rows.ts';
import { statement } from '../statement.ts';
import { each, type Work } from '../step.ts';
import type { ChangeAction, ChangeResult, CommandArgs } from '../types.ts';
import { insertBlob, insertMembership } from './blobs.ts';
import { ensureRepository } from './ensure-repository.ts';
import { listRepository } from './listed.ts';
import { insertQuarantine } from './quarantine.ts';
import { insertBlobReference, insertChild } from './references.ts';
import { restorePeople } from './restore-people.ts';
import { lockUsage } from './usage.ts';

// Every statement may meet a row that is there already: an interrupted restore goes on, and a repair adds what lacks.

const restoreManifest = statement<{
  repository: number;
  digest: Digest;
  mediaType: string;
  sizeBytes: number;
  pushedMs: number;
  artifactType: string | null;
  subject: Digest | null;
  annotations: string | null;
}>()((q, p) =>
  q
    .insertInto('manifests')
    .values({
      repository_id: p.repository,
      digest: p.digest,
      media_type: p.mediaType,
      size_bytes: p.sizeBytes,
      artifact_type: p.artifactType,
      subject: p.subject,
      annotations: p.annotations,
      pushed_ms: p.pushedMs,
    })
    .onConflict((oc) =>
      oc.columns(['repository_id', 'digest']).doUpdateSet((eb) => ({
        media_type: eb.ref('excluded.media_type'),
        artifact_type: eb.ref('excluded.artifact_type'),
        subject: eb.ref('excluded.subject'),
        annotations: eb.ref('excluded.annotations'),
        pushed_ms: eb.ref('excluded.pushed_ms'),
      })),
    ),
);

const restoreFacts = statement<{ repository: number; digest: Digest; by: string; facts: string | null }>()((q, p) =>
  q
    .updateTable('manifests')
    .set({ described_by: p.by, facts: p.facts })
    .where('repository_id', '=', p.repository)
    .where('digest', '=', p.digest),
);

const restoreTag = statement<{ repository: number; name: Tag; digest: Digest }>()((q, p) =>
  q
    .insertInto('tags')
    .values({ repository_id: p.repository, name: p.name, digest: p.digest })
    .onConflict((oc) =>
      oc.columns(['repository_id', 'name']).doUpdateSet((eb) => ({ digest: eb.ref('excluded.digest') })),
    ),
);

const restorePull = statement<{ repository: number; digest: Digest; pulledMs: number }>()((q, p) =>
  q
    .insertInto('pulls')
    .values({ repository_id: p.repository, digest: p.digest, pulled_ms: p.pulledMs })
    .onConflict((oc) => oc.columns(['repository_id', 'digest']).doNothing()),
);

const restoreDeleted = statement<{
  repository: number;
  digest: Digest;
  mediaType: string;
  sizeBytes: number;
  deletedMs: number;
}>()((q, p) =>
  q
    .insertInto('deleted_manifests')
    .values({
      repository_id: p.repository,
      digest: p.digest,
      media_type: p.mediaType,
      size_bytes: p.sizeBytes,
      deleted_ms: p.deletedMs,
    })
    .onConflict((oc) => oc.columns(['repository_id', 'digest']).doNothing()),
);

const restoreChange = statement<{
  sequence: number | null;
  timeMs: number;
  action: ChangeAction;
  repository: RepositoryName | '';
  name: string;
  from: Digest | null;
  to: Digest | null;
  principal: string;
  address: string;
  requestId: string;
  result: ChangeResult;
  detail: string | null;
  hash: string | null;
}>()((q, p) =>
  q
    .insertInto('changes')
    .values({
      sequence: p.sequence,
      time_ms: p.timeMs,
      action: p.action,
      repository: p.repository,
      name: p.name,
      from_digest: p.from,
      to_digest: p.to,
      principal: p.principal,
      address: p.address,
      request_id: p.requestId,
      result: p.result,
      detail: p.detail,
      hash: p.hash,
    })
    .onConflict((oc) => oc.column('sequence').doNothing()),
);

const restoreSeal = statement<{ first: number; last: number; hash: string; timeMs: number }>()((q, p) =>
  q
    .insertInto('seals')
    .values({ first_sequence: p.first, last_sequence: p.last, hash: p.hash, time_ms: p.timeMs })
    .onConflict((oc) => oc.column('last_sequence').doNothing()),
);

const restoreCursor = statement<{ name: string; sequence: number }>()((q, p) =>
  q
    .insertInto('cursors')
    .values({ name: p.name, sequence: p.sequence })
    .onConflict((oc) => oc.column('name').doUpdateSet((eb) => ({ sequence: eb.ref('excluded.sequence') }))),
);

export function* restoreRows({ rows }: CommandArgs<'restoreRows'>): Work<void> {
  const ids = yield* idsOf(rows);
  const idOf = (row: { readonly repository: RepositoryName }): number => ids.get(row.repository) ?? 0;
  const of = <Kind extends DumpKind>(kind: Kind): readonly DumpRowOf<Kind>[] =>
    rows.filter((row): row is DumpRowOf<Kind> => row.kind === kind);

  const blobs = of('blob').map(({ digest, sizeBytes, createdMs }) => ({ digest, sizeBytes, nowMs: createdMs }));
  yield* each(insertBlob, blobs);
  yield* each(
    insertQuarantine,
    of('quarantine').map(({ digest, problem, foundMs }) => ({ digest, problem, nowMs: foundMs })),
  );
  const memberships = of('membership').map((row) => ({ ...row, repository: idOf(row), nowMs: row.sinceMs }));
  yield* each(insertMembership, memberships);
  yield* restoreManifests(of('manifest'), idOf);
  yield* each(
    restoreFacts,
    of('facts').map((row) => ({ ...row, repository: idOf(row), facts: row.facts ?? null })),
  );
  yield* each(
    restoreTag,
    of('tag').map((row) => ({ repository: idOf(row), name: row.name, digest: row.digest })),
  );
  yield* each(
    restorePull,
    of('pull').map((row) => ({ repository: idOf(row), digest: row.digest, pulledMs: row.pulledMs })),
  );
  yield* each(
    restoreDeleted,
    of('deleted').map((row) => ({ ...row, repository: idOf(row) })),
  );
  const changes = of('change').map((row) => ({
    ...row,
    sequence: row.sequence ?? null,
    repository: row.repository ?? ('' as const),
    from: row.from ?? null,
    to: row.to ?? null,
    detail: row.detail ?? null,
    hash: row.hash ?? null,
  }));
  yield* each(restoreChange, changes);
  yield* each(restoreSeal, of('seal'));
  yield* each(restoreCursor, of('cursor'));
  yield* restorePeople(PEOPLE_KINDS.flatMap((kind) => of(kind)));
}

function* restoreManifests(
  manifests: readonly DumpRowOf<'manifest'>[],
  idOf: (row: { readonly repository: RepositoryName }) => number,
): Work<void> {
  const rows = manifests.map((row) => ({
    repository: idOf(row),
    digest: row.digest,
    mediaType: row.mediaType,
    sizeBytes: row.sizeBytes,
    pushedMs: row.pushedMs,
    artifactType: row.artifactType ?? null,
    subject: row.subject ?? null,
    annotations: row.annotations ?? null,
  }));
  yield* each(restoreManifest, rows);
  const named = (row: DumpRowOf<'manifest'>, digests: readonly Digest[]) =>
    digests.map((digest) => ({ repository: idOf(row), manifest: row.digest, digest }));
  const blobs = manifests.flatMap((row) => named(row, [row.digest, ...row.blobs]));
  yield* each(insertBlobReference, blobs);
  const children = manifests.flatMap((row) => named(row, row.children));
  yield* each(insertChild, children);
  for (const repository of new Set(rows.map((row) => row.repository))) {
    yield* lockUsage(repository);
    yield* listRepository(repository);
  }
}

/** The ids of all repositories that the rows name, made in the order in which they come where they are not there. */
function* idsOf(rows: readonly DumpRow[]): Work<ReadonlyMap<RepositoryName, number>> {
  const ids = new Map<RepositoryName, number>();
  for (const row of rows) {
    const name = row.kind === 'repository' ? row.name : row.kind !== 'change' && 'repository' in row && row.repository;
    if (name && !ids.has(name)) ids.set(name, yield* ensureRepository(name));
  }
  return ids;
}
