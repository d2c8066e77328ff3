import type { Digest, RepositoryName, Tag } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { row, run, type Work } from '../step.ts';
import type { By } from '../types.ts';
import { recordChange } from './record-change.ts';

const targetOf = statement<{ repository: number; tag: Tag }>()((q, p) =>
  q.selectFrom('tags').select('digest').where('repository_id', '=', p.repository).where('name', '=', p.tag),
);

const upsertTag = statement<{ repository: number; tag: Tag; digest: Digest }>()((q, p) =>
  q
    .insertInto('tags')
    .values({ repository_id: p.repository, name: p.tag, digest: p.digest })
    .onConflict((oc) =>
      oc.columns(['repository_id', 'name']).doUpdateSet((eb) => ({ digest: eb.ref('excluded.digest') })),
    ),
);

/** Points a tag at a manifest of the repository; where it points there already, nothing changes and nothing is logged. */
export function* putTag(
  args: By & { readonly repository: RepositoryName; readonly digest: Digest },
  repository: number,
  tag: Tag,
): Work<void> {
  const from = (yield* row(targetOf, { repository, tag }))?.digest;
  if (from === args.digest) return;
  yield* run(upsertTag, { repository, tag, digest: args.digest });
  yield* recordChange(args, { action: 'tag.put', name: tag, from, to: args.digest });
}
