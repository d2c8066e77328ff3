import { matchesTagPattern, type Digest, type RepositoryName, type Tag } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { row, run, TakenBack, type Work } from '../step.ts';
import type { By, CommandArgs, CommandResult, TagGrant, TagGuards } from '../types.ts';
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

type Refused = CommandResult<'putManifest'>;

type Expected = CommandArgs<'putManifest'>['expects'];

interface Args extends By {
  readonly repository: RepositoryName;
  readonly digest: Digest;
  readonly grant: TagGrant;
  readonly guards?: TagGuards | undefined;
  readonly expects?: Expected;
}

/**
 * Points a tag at a manifest of the repository; where it points there already, nothing changes, nothing is logged, and the
 * answer is false.
 * Where the grant does not reach, a guard stands in the way or it is not where it was expected, the whole command is taken
 * back.
 */
export function* putTag(args: Args, repository: number, tag: Tag): Work<boolean> {
  const from = yield* point(args, repository, tag);
  if (from === args.digest) return false;
  yield* recordChange(args, { action: 'tag.put', name: tag, from, to: args.digest });
  return true;
}

/** Where the tag pointed until this transaction, which holds it from here on; undefined where there was none. */
function* point({ digest, grant, guards, expects }: Args, repository: number, tag: Tag): Work<Digest | undefined> {
  for (;;) {
    const from = (yield* row(lockTarget, { repository, tag }))?.digest;
    if (expects && from !== expects.at) throw new TakenBack({ kind: 'unexpected', tag, at: from } satisfies Refused);
    if (from === digest) return from;
    const need = from === undefined ? 'create' : 'update';
    if (!grant[need]) throw new TakenBack({ kind: 'denied', tag, need } satisfies Refused);
    if (from !== undefined) {
      if (guards && matchesTagPattern(guards.fixed, tag)) throw new TakenBack({ kind: 'fixed', tag } satisfies Refused);
      yield* run(moveTag, { repository, tag, digest });
      return from;
    }
    // No row to lock: nothing is inserted where a transaction beside this one did it since, and then there is one.
    if (yield* row(insertTag, { repository, tag, digest })) return undefined;
  }
}
