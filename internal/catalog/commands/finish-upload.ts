import type { RepositoryName, UploadId } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { row, TakenBack, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';
import { holdBlob, recordBlob } from './blobs.ts';
import { ensureRepository } from './ensure-repository.ts';
import { awaitReference } from './gc-candidates.ts';
import { recordChange } from './record-change.ts';

const deleteClaimed = statement<{ id: UploadId; epoch: number; repository: RepositoryName }>()((q, p) =>
  q
    .deleteFrom('uploads')
    .where('id', '=', p.id)
    .where('epoch', '=', p.epoch)
    .where('repository', '=', p.repository)
    .returning('id'),
);

export function* finishUpload(args: CommandArgs<'finishUpload'>): Work<CommandResult<'finishUpload'>> {
  const { digest, sizeBytes, seen, replaced, nowMs } = args;
  yield* recordBlob({ digest, sizeBytes, seen, replaced }, args);
  if (args.session) {
    const ended = yield* row(deleteClaimed, { ...args.session, repository: args.repository });
    if (!ended) throw new TakenBack({ kind: 'lost' } satisfies CommandResult<'finishUpload'>);
  }
  const repository = yield* ensureRepository(args.repository);
  const isNew = yield* holdBlob(repository, digest, nowMs);
  yield* awaitReference(repository, digest, { nowMs, untilMs: args.leaseMs ?? nowMs });
  if (isNew) yield* recordChange(args, { action: 'blob.put', name: digest });
  return { kind: 'finished' };
}
