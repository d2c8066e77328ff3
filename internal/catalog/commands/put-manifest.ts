import type { Tag } from '../../../pkg/oci/index.ts';
import { findRepository } from '../repository-id.ts';
import { TakenBack, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';
import { recordBlob, shareHeldBlobs } from './blobs.ts';
import { forgetOneDeleted } from './deleted-manifests.ts';
import { raise, raiseFor } from './generation.ts';
import { findGuardedTag } from './guarded-tags.ts';
import { endLeases } from './gc-candidates.ts';
import { listRepository } from './listed.ts';
import { storeManifest } from './manifest-row.ts';
import { noteUse } from './pulls.ts';
import { putTag } from './put-tag.ts';
import { recordChange } from './record-change.ts';
import { dropReferences, referToBlobs, referToChildren } from './references.ts';
import { ensureRepository } from './ensure-repository.ts';
import { addUsage, insistOnQuotas, lockBytesOf } from './usage.ts';

type Args = CommandArgs<'putManifest'>;

export function* putManifest(args: Args): Work<CommandResult<'putManifest'>> {
  const known = yield* findRepository(args.repository);
  const refusal = yield* checkBlobs(known, args);
  if (refusal) return refusal;

  const { digest, sizeBytes, seen, replaced, nowMs } = args;
  yield* recordBlob({ digest, sizeBytes, seen, replaced }, args);
  const repository = known ?? (yield* ensureRepository(args.repository));
  const before = yield* storeManifest(repository, args);
  const mediaType = before?.mediaType;
  if (mediaType === undefined) yield* forgetOneDeleted(repository, digest);
  // It was told that it is there now: a rule that found it old must see that somebody wants it.
  else if (args.tags.length === 0) yield* noteUse(repository, digest, nowMs);
  // What was there and names the same references the same: only foreign layers may have come since.
  const isCounted = mediaType === args.mediaType && args.foreign.length === 0;
  const bytesBefore = isCounted || mediaType === undefined ? 0 : yield* lockBytesOf(repository, digest);
  // The same bytes under another media type may name other things.
  if (mediaType !== undefined && mediaType !== args.mediaType) {
    const tag = yield* findGuardedTag(repository, digest, args.guards?.typed ?? args.guards?.fixed);
    if (tag !== undefined) throw new TakenBack({ kind: 'fixed', tag } satisfies CommandResult<'putManifest'>);
    yield* dropReferences(repository, digest, nowMs);
  }
  yield* refer(repository, args);

  // A new media type is a change too: the record in storage has to follow it.
  if (mediaType !== args.mediaType) yield* recordChange(args, { action: 'manifest.put', name: args.digest });
  // In one order, so that two pushes of the same tags do not wait for each other.
  const moved: Tag[] = [];
  for (const tag of args.tags.toSorted()) if (yield* putTag(args, repository, tag)) moved.push(tag);
  if (!isCounted) yield* count(repository, args, bytesBefore);
  if (mediaType === undefined) yield* listRepository(repository);
  yield* endLeases(repository, [...args.blobs.map((blob) => blob.digest), ...args.foreign]);
  // Tags that were there may point at it.
  const isOther = before !== undefined && (before.isToldOtherwise || before.mediaType !== args.mediaType);
  if (isOther && args.guards?.raises) yield* raise(args.guards.raises.key, nowMs);
  else yield* raiseFor(args.guards, moved, nowMs);
  return { kind: 'stored' };
}

function* count(repository: number, { digest, quotas = [] }: Args, bytesBefore: number): Work<void> {
  const added = (yield* lockBytesOf(repository, digest)) - bytesBefore;
  yield* addUsage(repository, added);
  if (added > 0) yield* insistOnQuotas(quotas);
}

/** Every blob must be the repository's and as large as the manifest says: the content is there before its reference. */
function* checkBlobs(repository: number | undefined, args: Args): Work<CommandResult<'putManifest'> | undefined> {
  const sizes = yield* shareHeldBlobs(
    repository,
    args.blobs.map(({ digest }) => digest),
  );
  const missing = args.blobs.filter((_, index) => sizes[index] === undefined).map(({ digest }) => digest);
  if (missing.length > 0) return { kind: 'missing', digests: [...new Set(missing)] };
  for (const [index, { digest, sizeBytes }] of args.blobs.entries()) {
    const stored = sizes[index];
    if (stored !== undefined && stored !== sizeBytes) return { kind: 'sizeDiffers', digest, sizeBytes: stored };
  }
  return undefined;
}

function* refer(repository: number, args: Args): Work<void> {
  const sizes = yield* shareHeldBlobs(repository, args.foreign);
  const named = args.blobs.map(({ digest }) => digest);
  const foreign = args.foreign.filter((_, index) => sizes[index] !== undefined);
  yield* referToBlobs(repository, args.digest, [args.digest, ...named, ...foreign]);
  yield* referToChildren(repository, args.digest, args.children);
}
