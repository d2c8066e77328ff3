import type { Digest } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { rows, run, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';
import { lease } from './gc-candidates.ts';

const remember = statement<{
  repository: number;
  digest: Digest;
  mediaType: string;
  sizeBytes: number;
  nowMs: number;
}>()((q, p) =>
  q
    .insertInto('deleted_manifests')
    .values({
      repository_id: p.repository,
      digest: p.digest,
      media_type: p.mediaType,
      size_bytes: p.sizeBytes,
      deleted_ms: p.nowMs,
    })
    .onConflict((oc) =>
      oc.columns(['repository_id', 'digest']).doUpdateSet((eb) => ({
        media_type: eb.ref('excluded.media_type'),
        deleted_ms: eb.ref('excluded.deleted_ms'),
      })),
    ),
);

const forgetOne = statement<{ repository: number; digest: Digest }>()((q, p) =>
  q.deleteFrom('deleted_manifests').where('repository_id', '=', p.repository).where('digest', '=', p.digest),
);

const deletedBefore = statement<{ beforeMs: number; limit: number }>()((q, p) =>
  q
    .selectFrom('deleted_manifests')
    .select(['repository_id as repository', 'digest'])
    .where('deleted_ms', '<', p.beforeMs)
    .orderBy('deleted_ms')
    .limit(p.limit),
);

interface Deleted {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number;
}

interface Keeping {
  readonly nowMs: number;
  /** Until when all that it named is kept; no longer than the collector would do anyway where it is not given. */
  readonly keepMs: number | undefined;
}

/** Notes what was deleted, so that it can be brought back while its content is there. */
export function* rememberDeleted(
  repository: number,
  { digest, mediaType, sizeBytes }: Deleted,
  named: readonly Digest[],
  { nowMs, keepMs }: Keeping,
): Work<void> {
  yield* run(remember, { repository, digest, mediaType, sizeBytes, nowMs });
  if (keepMs === undefined || keepMs <= nowMs) return;
  for (const each of named.toSorted()) yield* lease(repository, each, { nowMs, untilMs: keepMs });
}

/** It is there again. */
export function* forgetOneDeleted(repository: number, digest: Digest): Work<void> {
  yield* run(forgetOne, { repository, digest });
}

export function* forgetDeleted({
  beforeMs,
  limit,
}: CommandArgs<'forgetDeleted'>): Work<CommandResult<'forgetDeleted'>> {
  const old = yield* rows(deletedBefore, { beforeMs, limit });
  for (const { repository, digest } of old) yield* run(forgetOne, { repository, digest });
  return old.length;
}
