import type { Digest } from '../../../pkg/oci/index.ts';
import { findRepository } from '../repository-id.ts';
import { statement } from '../statement.ts';
import { row, rows, run, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';
import { rememberDeleted } from './deleted-manifests.ts';
import { raiseFor } from './generation.ts';
import { findGuardedTag } from './guarded-tags.ts';
import { unlistEmpty } from './listed.ts';
import { wasUsedSince } from './pulls.ts';
import { recordChanges, type Change } from './record-change.ts';
import { dropReferences } from './references.ts';
import { addUsage, lockBytesOf } from './usage.ts';

const lockManifest = statement<{ repository: number; digest: Digest }>()((q, p) =>
  q
    .selectFrom('manifests')
    .select(['digest', 'media_type as mediaType', 'size_bytes as sizeBytes', 'pushed_ms as pushedMs'])
    .where('repository_id', '=', p.repository)
    .where('digest', '=', p.digest)
    .forUpdate(),
);

const lockTagsAt = statement<{ repository: number; digest: Digest }>()((q, p) =>
  q
    .selectFrom('tags')
    .select('name')
    .where('repository_id', '=', p.repository)
    .where('digest', '=', p.digest)
    .orderBy('name')
    .forUpdate(),
);

const dropTagsAt = statement<{ repository: number; digest: Digest }>()((q, p) =>
  q.deleteFrom('tags').where('repository_id', '=', p.repository).where('digest', '=', p.digest),
);

const dropManifest = statement<{ repository: number; digest: Digest }>()((q, p) =>
  q.deleteFrom('manifests').where('repository_id', '=', p.repository).where('digest', '=', p.digest),
);

const aParent = statement<{ repository: number; digest: Digest }>()((q, p) =>
  q
    .selectFrom('manifest_children')
    .select('manifest')
    .where('repository_id', '=', p.repository)
    .where('digest', '=', p.digest)
    .limit((eb) => eb.lit(1)),
);

export function* deleteManifest(args: CommandArgs<'deleteManifest'>): Work<CommandResult<'deleteManifest'>> {
  const { digest } = args;
  const repository = yield* findRepository(args.repository);
  if (repository === undefined) return { kind: 'absent' };
  // From here on nobody can point a tag at it: the tags found are all there are, and stay so.
  const manifest = yield* row(lockManifest, { repository, digest });
  if (!manifest) return { kind: 'absent' };
  const tags = yield* rows(lockTagsAt, { repository, digest });
  const { onlyTags } = args;
  if (onlyTags) {
    const isTagged = tags.some(({ name }) => !onlyTags.includes(name));
    if (isTagged || (yield* row(aParent, { repository, digest }))) return { kind: 'inUse' };
  }
  const { usedMs = Infinity } = args;
  if (manifest.pushedMs > usedMs) return { kind: 'inUse' };
  if (usedMs < Infinity && (yield* wasUsedSince(repository, digest, usedMs))) return { kind: 'inUse' };
  const kept = yield* findGuardedTag(repository, digest, args.guards?.kept);
  if (kept !== undefined) return { kind: 'kept', tag: kept };
  yield* run(dropTagsAt, { repository, digest });
  const bytes = yield* lockBytesOf(repository, digest);
  yield* addUsage(repository, -bytes);
  const named = yield* dropReferences(repository, digest, args.nowMs);
  yield* run(dropManifest, { repository, digest });
  yield* unlistEmpty(repository);
  if (!args.forgets) yield* rememberDeleted(repository, manifest, named, { nowMs: args.nowMs, keepMs: args.keepMs });
  const gone = tags.map(({ name }): Change => ({ action: 'tag.delete', name, from: digest }));
  yield* recordChanges(args, [...gone, { action: 'manifest.delete', name: digest }]);
  const names = tags.map(({ name }) => name);
  yield* raiseFor(args.guards, names, args.nowMs);
  return { kind: 'deleted' };
}
