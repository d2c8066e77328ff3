import type { RepositoryName, UploadId } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { each, row, rows, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';

const deleteUpload = statement<{ id: UploadId; repository: RepositoryName; principal: string }>()((q, p) =>
  q
    .deleteFrom('uploads')
    .where('id', '=', p.id)
    .where('repository', '=', p.repository)
    .where('principal', '=', p.principal)
    .returning('state'),
);

// A session whose claim still runs is in use, however long ago it was last written to the row; one that is being claimed
// just now is passed over.
const lockIdle = statement<{ beforeMs: number; nowMs: number; limit: number }>()((q, p) =>
  q
    .selectFrom('uploads')
    .select(['id', 'state'])
    .where('touched_ms', '<', p.beforeMs)
    .where('claimed_until_ms', '<=', p.nowMs)
    .orderBy('touched_ms')
    .limit(p.limit)
    .forUpdate()
    .skipLocked(),
);

const deleteLocked = statement<{ id: UploadId }>()((q, p) => q.deleteFrom('uploads').where('id', '=', p.id));

export function* cancelUpload(args: CommandArgs<'cancelUpload'>): Work<CommandResult<'cancelUpload'>> {
  const { id, repository } = args;
  const ended = yield* row(deleteUpload, { id, repository, principal: args.by.principal });
  return ended ? { kind: 'cancelled', state: ended.state ?? undefined } : { kind: 'unknown' };
}

export function* expireUploads(args: CommandArgs<'expireUploads'>): Work<CommandResult<'expireUploads'>> {
  const { beforeMs, nowMs, limit } = args;
  const ended = yield* rows(lockIdle, { beforeMs, nowMs, limit });
  yield* each(
    deleteLocked,
    ended.map(({ id }) => ({ id })),
  );
  return ended.map(({ id, state }) => ({ id, state: state ?? undefined }));
}
