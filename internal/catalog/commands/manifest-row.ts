import type { Digest } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { row, run, type Work } from '../step.ts';
import type { CommandArgs } from '../types.ts';

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
    .select('media_type as mediaType')
    .where('repository_id', '=', p.repository)
    .where('digest', '=', p.digest)
    .forNoKeyUpdate(),
);

const insertManifest = statement<Key & Values & { readonly sizeBytes: number }>()((q, p) =>
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

/**
 * Stores the manifest's row; its media type until this transaction, which holds the row from here on: whoever deletes
 * the manifest, or pushes it too, waits. Undefined where there was none.
 */
export function* storeManifest(repository: number, args: CommandArgs<'putManifest'>): Work<string | undefined> {
  const { digest, sizeBytes, mediaType, nowMs } = args;
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
      return before.mediaType;
    }
    // No row to lock: nothing is inserted where a transaction beside this one did it since, and then there is one.
    if (yield* row(insertManifest, { repository, digest, sizeBytes, ...values })) return undefined;
  }
}
