import type { Digest, RepositoryName, Tag } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { row, run, type Work } from '../step.ts';
import type { By } from '../types.ts';
import { recordChange } from './record-change.ts';

const lockTarget = statement<{ repository: number; tag: Tag }>()((q, p) =>
  q
    .selectFrom('tags')
    .select('digest')
    .where('repository_id', '=', p.repository)
    .where('name', '=', p.tag)
    .forNoKeyUpdate(),
);

const insertTag = statement<{ repository: number; tag: Tag; digest: Digest }>()((q, p) =>
  q
    .insertInto('tags')
    .values({ repository_id: p.repository, name: p.tag, digest: p.digest })
    .onConflict((oc) => oc.columns(['repository_id', 'name']).doNothing())
    .returning('name'),
);

const moveTag = statement<{ repository: number; tag: Tag; digest: Digest }>()((q, p) =>
  q.updateTable('tags').set({ digest: p.digest }).where('repository_id', '=', p.repository).where('name', '=', p.tag),
);

/** Points a tag at a manifest of the repository; where it points there already, nothing changes and nothing is logged. */
export function* putTag(
  args: By & { readonly repository: RepositoryName; readonly digest: Digest },
  repository: number,
  tag: Tag,
): Work<void> {
  const from = yield* point(repository, tag, args.digest);
  if (from !== args.digest) yield* recordChange(args, { action: 'tag.put', name: tag, from, to: args.digest });
}

/** Where the tag pointed until this transaction, which holds it from here on; undefined where there was none. */
function* point(repository: number, tag: Tag, digest: Digest): Work<Digest | undefined> {
  for (;;) {
    const from = (yield* row(lockTarget, { repository, tag }))?.digest;
    if (from === digest) return from;
    if (from !== undefined) {
      yield* run(moveTag, { repository, tag, digest });
      return from;
    }
    // No row to lock: nothing is inserted where a transaction beside this one did it since, and then there is one.
    if (yield* row(insertTag, { repository, tag, digest })) return undefined;
  }
}
