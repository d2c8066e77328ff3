import { findRepository } from '../repository-id.ts';
import type { Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';
import { holdBlob, shareHeldBlobs } from './blobs.ts';
import { recordChange } from './record-change.ts';
import { ensureRepository } from './ensure-repository.ts';

export function* mountBlob(args: CommandArgs<'mountBlob'>): Work<CommandResult<'mountBlob'>> {
  const from = yield* findRepository(args.from);
  const [held] = yield* shareHeldBlobs(from, [args.digest]);
  if (held === undefined) return { kind: 'absent' };
  const repository = yield* ensureRepository(args.repository);
  if (yield* holdBlob(repository, args.digest, args.nowMs)) {
    yield* recordChange(args, { action: 'blob.mount', name: args.digest });
  }
  return { kind: 'mounted' };
}
