import type { Digest } from '../../../pkg/oci/index.ts';
import { findRepository } from '../repository-id.ts';
import { statement } from '../statement.ts';
import { row, run, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';
import { raise } from './generation.ts';

type Described = { readonly facts: string | null; readonly describedBy: string | null };

type Values = {
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly subject: Digest | null;
  readonly annotations: string | null;
  readonly nowMs: number;
};

type Key = { readonly repository: number; readonly digest: Digest };

const lockMediaType = statement<Key>()((q, p) =>
  q
    .selectFrom('manifests')
    .select(['media_type as mediaType', 'facts', 'described_by as describedBy'])
    .where('repository_id', '=', p.repository)
    .where('digest', '=', p.digest)
    .forNoKeyUpdate(),
);

const insertManifest = statement<Key & Values & Described & { readonly sizeBytes: number }>()((q, p) =>
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
      pushed_ms: p.nowMs,
      facts: p.facts,
      described_by: p.describedBy,
    })
    .onConflict((oc) => oc.columns(['repository_id', 'digest']).doNothing())
    .returning('digest'),
);

// `pushed_ms` stays as it was: a push of what is there changes nothing, and leaves no change that a record could follow.
const updateManifest = statement<Key & Values>()((q, p) =>
  q
    .updateTable('manifests')
    .set({
      media_type: p.mediaType,
      artifact_type: p.artifactType,
      subject: p.subject,
      annotations: p.annotations,
    })
    .where('repository_id', '=', p.repository)
    .where('digest', '=', p.digest),
);

const describe = statement<Key & Described>()((q, p) =>
  q
    .updateTable('manifests')
    .set({ facts: p.facts, described_by: p.describedBy })
    .where('repository_id', '=', p.repository)
    .where('digest', '=', p.digest)
    .returning('digest'),
);

/** What a manifest's row was. */
export interface Before {
  readonly mediaType: string;
  /** Whether a door says something else of it now. */
  readonly isToldOtherwise: boolean;
}

/**
 * Stores the manifest's row; what it was until this transaction, which holds the row from here on: whoever deletes the
 * manifest, or pushes it too, waits. Undefined where there was none.
 */
export function* storeManifest(repository: number, args: CommandArgs<'putManifest'>): Work<Before | undefined> {
  const { digest, sizeBytes, mediaType, nowMs, description } = args;
  const described: Described = { facts: description?.facts ?? null, describedBy: description?.by ?? null };
  const values: Values = {
    mediaType,
    artifactType: args.artifactType ?? null,
    subject: args.subject ?? null,
    annotations: args.subject === undefined ? null : JSON.stringify(args.annotations),
    nowMs,
  };
  for (;;) {
    const before = yield* row(lockMediaType, { repository, digest });
    if (before) {
      yield* run(updateManifest, { repository, digest, ...values });
      const isToldOtherwise = description !== undefined && described.facts !== before.facts;
      if (isToldOtherwise || (description && described.describedBy !== before.describedBy)) {
        yield* run(describe, { repository, digest, ...described });
      }
      return { mediaType: before.mediaType, isToldOtherwise };
    }
    // No row to lock: nothing is inserted where a transaction beside this one did it since, and then there is one.
    if (yield* row(insertManifest, { repository, digest, sizeBytes, ...values, ...described })) return undefined;
  }
}

export function* describeManifest(args: CommandArgs<'describeManifest'>): Work<CommandResult<'describeManifest'>> {
  const repository = yield* findRepository(args.repository);
  if (repository === undefined) return false;
  const { digest, description, nowMs, raises } = args;
  const described: Described = { facts: description.facts ?? null, describedBy: description.by };
  if (!(yield* row(describe, { repository, digest, ...described }))) return false;
  if (raises) yield* raise(raises.key, nowMs);
  return true;
}
