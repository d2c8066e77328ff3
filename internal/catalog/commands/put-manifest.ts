import type { Digest } from '../../../pkg/oci/index.ts';
import { findRepository } from '../repository-id.ts';
import { statement } from '../statement.ts';
import { row, run, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';
import { findHeldBlob, recordBlob } from './blobs.ts';
import { putTag } from './put-tag.ts';
import { recordChange } from './record-change.ts';
import { dropReferences, referToBlob, referToChild } from './references.ts';
import { ensureRepository } from './ensure-repository.ts';

type Args = CommandArgs<'putManifest'>;

const mediaTypeOf = statement<{ repository: number; digest: Digest }>()((q, p) =>
  q
    .selectFrom('manifests')
    .select('media_type as mediaType')
    .where('repository_id', '=', p.repository)
    .where('digest', '=', p.digest),
);

const upsertManifest = statement<{
  repository: number;
  digest: Digest;
  mediaType: string;
  sizeBytes: number;
  artifactType: string | null;
  subject: Digest | null;
  annotations: string | null;
  nowMs: number;
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
      pushed_ms: p.nowMs,
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

const markListed = statement<{ repository: number }>()((q, p) =>
  q
    .updateTable('repositories')
    .set((eb) => ({ listed: eb.lit(1) }))
    .where('id', '=', p.repository)
    .where('listed', '=', (eb) => eb.lit(0)),
);

export function* putManifest(args: Args): Work<CommandResult<'putManifest'>> {
  const refusal = yield* checkBlobs(args);
  if (refusal) return refusal;

  const repository = yield* ensureRepository(args.repository);
  yield* recordBlob(args.digest, args.sizeBytes, args.nowMs);
  const before = yield* row(mediaTypeOf, { repository, digest: args.digest });
  yield* run(upsertManifest, {
    repository,
    digest: args.digest,
    mediaType: args.mediaType,
    sizeBytes: args.sizeBytes,
    artifactType: args.artifactType ?? null,
    subject: args.subject ?? null,
    annotations: args.subject === undefined ? null : JSON.stringify(args.annotations),
    nowMs: args.nowMs,
  });
  yield* run(markListed, { repository });
  // The same bytes under another media type may name other things.
  if (before && before.mediaType !== args.mediaType) yield* dropReferences(repository, args.digest);
  yield* refer(repository, args);

  // A new media type is a change too: the record in storage has to follow it.
  if (before?.mediaType !== args.mediaType) yield* recordChange(args, { action: 'manifest.put', name: args.digest });
  for (const tag of args.tags) yield* putTag(args, repository, tag);
  return { kind: 'stored' };
}

/** Every blob must be the repository's and as large as the manifest says: the content is there before its reference. */
function* checkBlobs(args: Args): Work<CommandResult<'putManifest'> | undefined> {
  const repository = yield* findRepository(args.repository);
  const missing = new Set<Digest>();
  let differs: CommandResult<'putManifest'> | undefined;
  for (const { digest, sizeBytes } of args.blobs) {
    const stored = repository === undefined ? undefined : yield* findHeldBlob(repository, digest);
    if (stored === undefined) missing.add(digest);
    else if (stored !== sizeBytes) differs ??= { kind: 'sizeDiffers', digest, sizeBytes: stored };
  }
  return missing.size > 0 ? { kind: 'missing', digests: [...missing] } : differs;
}

function* refer(repository: number, args: Args): Work<void> {
  const manifest = args.digest;
  yield* referToBlob({ repository, manifest, digest: manifest });
  for (const { digest } of args.blobs) yield* referToBlob({ repository, manifest, digest });
  for (const digest of args.foreign) {
    if ((yield* findHeldBlob(repository, digest)) !== undefined) yield* referToBlob({ repository, manifest, digest });
  }
  for (const digest of args.children) yield* referToChild({ repository, manifest, digest });
}
