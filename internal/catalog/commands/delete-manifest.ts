import type { Digest } from '../../../pkg/oci/index.ts';
import { findRepository } from '../repository-id.ts';
import { statement } from '../statement.ts';
import { row, rows, run, type Work } from '../step.ts';
import type { CommandArgs, CommandResult } from '../types.ts';
import { recordChange } from './record-change.ts';
import { dropReferences } from './references.ts';

const manifestThere = statement<{ repository: number; digest: Digest }>()((q, p) =>
  q.selectFrom('manifests').select('digest').where('repository_id', '=', p.repository).where('digest', '=', p.digest),
);

const tagsAt = statement<{ repository: number; digest: Digest }>()((q, p) =>
  q
    .selectFrom('tags')
    .select('name')
    .where('repository_id', '=', p.repository)
    .where('digest', '=', p.digest)
    .orderBy('name'),
);

const dropTagsAt = statement<{ repository: number; digest: Digest }>()((q, p) =>
  q.deleteFrom('tags').where('repository_id', '=', p.repository).where('digest', '=', p.digest),
);

const dropManifest = statement<{ repository: number; digest: Digest }>()((q, p) =>
  q.deleteFrom('manifests').where('repository_id', '=', p.repository).where('digest', '=', p.digest),
);

export function* deleteManifest(args: CommandArgs<'deleteManifest'>): Work<CommandResult<'deleteManifest'>> {
  const { digest } = args;
  const repository = yield* findRepository(args.repository);
  if (repository === undefined) return { kind: 'absent' };
  if (!(yield* row(manifestThere, { repository, digest }))) return { kind: 'absent' };
  const tags = yield* rows(tagsAt, { repository, digest });
  for (const { name } of tags) yield* recordChange(args, { action: 'tag.delete', name, from: digest });
  yield* run(dropTagsAt, { repository, digest });
  yield* dropReferences(repository, digest);
  yield* run(dropManifest, { repository, digest });
  yield* recordChange(args, { action: 'manifest.delete', name: digest });
  return { kind: 'deleted' };
}
