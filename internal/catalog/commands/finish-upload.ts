import type { RepositoryName, UploadId } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { row, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';
import { holdBlob, recordBlob } from './blobs.ts';
import { recordChange } from './record-change.ts';
import { ensureRepository } from './ensure-repository.ts';

const deleteClaimed = statement<{ id: UploadId; epoch: number; repository: RepositoryName }>()((q, p) =>
  q
    .deleteFrom('uploads')
    .where('id', '=', p.id)
    .where('epoch', '=', p.epoch)
    .where('repository', '=', p.repository)
    .returning('id'),
);

export function* finishUpload(args: CommandArgs<'finishUpload'>): Work<CommandResult<'finishUpload'>> {
  if (args.session) {
    const ended = yield* row(deleteClaimed, { ...args.session, repository: args.repository });
    if (!ended) return { kind: 'lost' };
  }
  const repository = yield* ensureRepository(args.repository);
  yield* recordBlob(args.digest, args.sizeBytes, args.nowMs);
  if (yield* holdBlob(repository, args.digest, args.nowMs)) {
    yield* recordChange(args, { action: 'blob.put', name: args.digest });
  }
  return { kind: 'finished' };
}
