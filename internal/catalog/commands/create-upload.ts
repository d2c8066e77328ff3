import type { Algorithm, RepositoryName, UploadId } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { row, run, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';

// Both counts stop at the limit: what they cost does not grow with the table.
const countOf = statement<{ principal: string; limit: number }>()((q, p) =>
  q
    .selectFrom((eb) =>
      eb.selectFrom('uploads').select('id').where('principal', '=', p.principal).limit(p.limit).as('some'),
    )
    .select((eb) => eb.fn.countAll<number>().as('open')),
);

const countAll = statement<{ limit: number }>()((q, p) =>
  q
    .selectFrom((eb) => eb.selectFrom('uploads').select('id').limit(p.limit).as('some'))
    .select((eb) => eb.fn.countAll<number>().as('open')),
);

const insertUpload = statement<{
  id: UploadId;
  repository: RepositoryName;
  principal: string;
  algorithm: Algorithm;
  nowMs: number;
}>()((q, p) =>
  q.insertInto('uploads').values((eb) => ({
    id: p.id,
    repository: p.repository,
    principal: p.principal,
    algorithm: p.algorithm,
    offset_bytes: eb.lit(0),
    epoch: eb.lit(0),
    claimed_until_ms: eb.lit(0),
    created_ms: p.nowMs,
    touched_ms: p.nowMs,
  })),
);

export function* createUpload(args: CommandArgs<'createUpload'>): Work<CommandResult<'createUpload'>> {
  const { principal } = args.by;
  const each = yield* row(countOf, { principal, limit: args.limitEach });
  if ((each?.open ?? 0) >= args.limitEach) return { kind: 'tooMany' };
  const all = yield* row(countAll, { limit: args.limitAll });
  if ((all?.open ?? 0) >= args.limitAll) return { kind: 'tooMany' };
  yield* run(insertUpload, {
    id: args.id,
    repository: args.repository,
    principal,
    algorithm: args.algorithm,
    nowMs: args.nowMs,
  });
  return { kind: 'created' };
}
