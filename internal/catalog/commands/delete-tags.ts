import { matchesTagPattern, tagPatternsFor, type RepositoryName, type Tag } from '../../../pkg/oci/index.ts';
import { placesBelow } from '../repositories-below.ts';
import { statement } from '../statement.ts';
import { each, rows, TakenBack, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';
import { raiseFor } from './generation.ts';
import { recordChanges, type Change } from './record-change.ts';

const repositoryNamed = statement<{ name: RepositoryName }>()((q, p) =>
  q.selectFrom('repositories').select(['id', 'name']).where('name', '=', p.name),
);

const repositoriesWithin = statement<{ after: string; before: string }>()((q, p) =>
  q
    .selectFrom('repositories')
    .select(['id', 'name'])
    .where('name', '>', p.after as RepositoryName)
    .where('name', '<', p.before as RepositoryName)
    .orderBy('name'),
);

const lockTags = statement<{ repository: number }>()((q, p) =>
  q.selectFrom('tags').select(['name', 'digest']).where('repository_id', '=', p.repository).orderBy('name').forUpdate(),
);

// One by one, as they were locked: a tag that is made meanwhile stays.
const dropTag = statement<{ repository: number; tag: Tag }>()((q, p) =>
  q.deleteFrom('tags').where('repository_id', '=', p.repository).where('name', '=', p.tag),
);

export function* deleteTags(args: CommandArgs<'deleteTags'>): Work<CommandResult<'deleteTags'>> {
  const { repository, below, nowMs, by } = args;
  const itself = yield* rows(repositoryNamed, { name: repository });
  const others = below ? yield* rows(repositoriesWithin, placesBelow(repository)) : [];
  const changed: Tag[] = [];
  for (const { id, name } of [...itself, ...others]) {
    const tags = yield* rows(lockTags, { repository: id });
    const patterns = tagPatternsFor(args.kept, name);
    const kept = tags.find((tag) => matchesTagPattern(patterns, tag.name));
    if (kept) throw new TakenBack({ kind: 'kept', tag: kept.name } satisfies CommandResult<'deleteTags'>);
    yield* each(
      dropTag,
      tags.map((tag) => ({ repository: id, tag: tag.name })),
    );
    const gone = tags.map((tag): Change => ({ action: 'tag.delete', name: tag.name, from: tag.digest }));
    yield* recordChanges({ by, nowMs, repository: name }, gone);
    changed.push(...tags.map((tag) => tag.name));
  }
  yield* raiseFor(args, changed, nowMs);
  return { kind: 'deleted', tags: changed.length };
}
