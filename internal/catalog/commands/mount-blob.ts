import { findRepository } from '../repository-id.ts';
import type { Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';
import { holdBlob, shareHeldBlobs } from './blobs.ts';
import { ensureRepository } from './ensure-repository.ts';
import { lease } from './gc-candidates.ts';
import { recordChange } from './record-change.ts';

export function* mountBlob(args: CommandArgs<'mountBlob'>): Work<CommandResult<'mountBlob'>> {
  const { digest, nowMs } = args;
  const from = yield* findRepository(args.from);
  const [held] = yield* shareHeldBlobs(from, [digest]);
  if (held === undefined) return { kind: 'absent' };
  const repository = yield* ensureRepository(args.repository);
  const isNew = yield* holdBlob(repository, digest, nowMs);
  yield* lease(repository, digest, { nowMs, untilMs: args.leaseMs ?? nowMs });
  if (isNew) yield* recordChange(args, { action: 'blob.mount', name: digest });
  return { kind: 'mounted' };
}
