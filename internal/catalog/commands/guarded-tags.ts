import { matchesTagPattern, type Digest, type Tag } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { eachAll, type Work } from '../step.ts';

type Key = { readonly repository: number; readonly digest: Digest };

const tagsAt = statement<Key>()((q, p) =>
  q
    .selectFrom('tags')
    .select('name')
    .where('repository_id', '=', p.repository)
    .where('digest', '=', p.digest)
    .orderBy('name'),
);

const parentsOf = statement<Key>()((q, p) =>
  q
    .selectFrom('manifest_children')
    .select('manifest')
    .where('repository_id', '=', p.repository)
    .where('digest', '=', p.digest)
    .orderBy('manifest'),
);

/**
 * A tag of one of the patterns that would not be what it is without the manifest: one that points at it, or at an index
 * that it is part of, however deep. Undefined where there is none.
 */
export function* findGuardedTag(
  repository: number,
  digest: Digest,
  patterns: readonly string[] | undefined,
): Work<Tag | undefined> {
  if (!patterns || patterns.length === 0) return undefined;
  const seen = new Set<Digest>();
  for (let level: readonly Digest[] = [digest]; level.length > 0;) {
    const keys = level.map((each) => ({ repository, digest: each }));
    for (const each of level) seen.add(each);
    const tags = (yield* eachAll(tagsAt, keys)).flat();
    const guarded = tags.find(({ name }) => matchesTagPattern(patterns, name));
    if (guarded) return guarded.name;
    const parents = (yield* eachAll(parentsOf, keys)).flat();
    level = [...new Set(parents.map(({ manifest }) => manifest))].filter((parent) => !seen.has(parent));
  }
  return undefined;
}
