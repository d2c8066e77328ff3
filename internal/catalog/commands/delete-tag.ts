import { matchesTagPattern, type Tag } from '../../../pkg/oci/index.ts';
import { findRepository } from '../repository-id.ts';
import { statement } from '../statement.ts';
import { row, TakenBack, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';
import { raiseFor } from './generation.ts';
import { recordChange } from './record-change.ts';

const dropTag = statement<{ repository: number; tag: Tag }>()((q, p) =>
  q.deleteFrom('tags').where('repository_id', '=', p.repository).where('name', '=', p.tag).returning('digest'),
);

export function* deleteTag(args: CommandArgs<'deleteTag'>): Work<CommandResult<'deleteTag'>> {
  const repository = yield* findRepository(args.repository);
  if (repository === undefined) return { kind: 'absent' };
  const { tag, guards } = args;
  const dropped = yield* row(dropTag, { repository, tag });
  if (!dropped) return { kind: 'absent' };
  if (args.at !== undefined && dropped.digest !== args.at) {
    throw new TakenBack({ kind: 'moved' } satisfies CommandResult<'deleteTag'>);
  }
  if (guards && matchesTagPattern(guards.kept, tag)) {
    throw new TakenBack({ kind: 'kept', tag } satisfies CommandResult<'deleteTag'>);
  }
  yield* recordChange(args, { action: 'tag.delete', name: tag, from: dropped.digest });
  yield* raiseFor(guards, [tag], args.nowMs);
  return { kind: 'deleted' };
}
