import type { Algorithm, RepositoryName, UploadId } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { lock, row, run, type Work } from '../step.ts';
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
  q
    .insertInto('uploads')
    .values((eb) => ({
      id: p.id,
      repository: p.repository,
      principal: p.principal,
      algorithm: p.algorithm,
      offset_bytes: eb.lit(0),
      epoch: eb.lit(0),
      claimed_until_ms: eb.lit(0),
      created_ms: p.nowMs,
      touched_ms: p.nowMs,
    }))
    // Ids are made up for one session each: where it is there, this command was run before.
    .onConflict((oc) => oc.column('id').doNothing()),
);

/**
 * Many more sessions than can begin at one moment, each over a connection to the database. While there is room for so
 * many, nobody waits for another to be counted; when it gets narrow, one begins at a time.
 */
const AMPLE = 1000;

export function* createUpload(args: CommandArgs<'createUpload'>): Work<CommandResult<'createUpload'>> {
  if ((yield* room(args)) < AMPLE) {
    yield* lock('uploads');
    if ((yield* room(args)) < 1) return { kind: 'tooMany' };
  }
  const { id, repository, algorithm, nowMs } = args;
  yield* run(insertUpload, { id, repository, principal: args.by.principal, algorithm, nowMs });
  return { kind: 'created' };
}

/** How many more sessions there may be, by what is committed. */
function* room({ by, limitEach, limitAll }: CommandArgs<'createUpload'>): Work<number> {
  const each = yield* row(countOf, { principal: by.principal, limit: limitEach });
  const all = yield* row(countAll, { limit: limitAll });
  return Math.min(limitEach - (each?.open ?? 0), limitAll - (all?.open ?? 0));
}
