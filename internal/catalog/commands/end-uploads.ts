import type { RepositoryName, UploadId } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { row, rows, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';

const deleteUpload = statement<{ id: UploadId; repository: RepositoryName; principal: string }>()((q, p) =>
  q
    .deleteFrom('uploads')
    .where('id', '=', p.id)
    .where('repository', '=', p.repository)
    .where('principal', '=', p.principal)
    .returning('state'),
);

// A session whose claim still runs is in use, however long ago it was last written to the row.
const deleteIdle = statement<{ beforeMs: number; nowMs: number; limit: number }>()((q, p) =>
  q
    .deleteFrom('uploads')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('uploads')
        .select('id')
        .where('touched_ms', '<', p.beforeMs)
        .where('claimed_until_ms', '<=', p.nowMs)
        .orderBy('touched_ms')
        .limit(p.limit),
    )
    .returning(['id', 'state']),
);

export function* cancelUpload(args: CommandArgs<'cancelUpload'>): Work<CommandResult<'cancelUpload'>> {
  const { id, repository } = args;
  const ended = yield* row(deleteUpload, { id, repository, principal: args.by.principal });
  return ended ? { kind: 'cancelled', state: ended.state ?? undefined } : { kind: 'unknown' };
}

export function* expireUploads(args: CommandArgs<'expireUploads'>): Work<CommandResult<'expireUploads'>> {
  const { beforeMs, nowMs, limit } = args;
  const ended = yield* rows(deleteIdle, { beforeMs, nowMs, limit });
  return ended.map(({ id, state }) => ({ id, state: state ?? undefined }));
}
