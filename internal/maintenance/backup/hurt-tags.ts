import type { Digest, RepositoryName, Tag } from '../../../pkg/oci/index.ts';
import type { DumpRow } from '../../catalog/index.ts';

/** A tag that cannot be pulled completely, since some content is not what it should be. */
export interface HurtTag {
  readonly repository: RepositoryName;
  readonly tag: Tag;
  /** What it points at. */
  readonly digest: Digest;
  /** The first content that it lacks. */
  readonly lacks: Digest;
}

/**
 * The tags of a dump whose manifest, or an index's children however deep, need content that is lacking. The dump is read
 * as often as indexes are nested, and only what is hurt is remembered.
 */
export async function findHurtTags(
  readRows: () => AsyncIterable<DumpRow>,
  lacking: ReadonlySet<Digest>,
): Promise<readonly HurtTag[]> {
  if (lacking.size === 0) return [];
  /** Which manifests of which repository are hurt, and by what. */
  const hurt = new Map<string, Digest>();
  const nameOf = (repository: RepositoryName, digest: Digest): string => `${repository}@${digest}`;
  for (let before = -1; before < hurt.size;) {
    before = hurt.size;
    for await (const row of readRows()) {
      if (row.kind !== 'manifest' || hurt.has(nameOf(row.repository, row.digest))) continue;
      const lacks = [row.digest, ...row.blobs].find((digest) => lacking.has(digest));
      const child = row.children.find((digest) => hurt.has(nameOf(row.repository, digest)));
      const cause = lacks ?? (child && hurt.get(nameOf(row.repository, child)));
      if (cause) hurt.set(nameOf(row.repository, row.digest), cause);
    }
  }
  const tags: HurtTag[] = [];
  for await (const row of readRows()) {
    const lacks = row.kind === 'tag' ? hurt.get(nameOf(row.repository, row.digest)) : undefined;
    if (row.kind === 'tag' && lacks)
      tags.push({ repository: row.repository, tag: row.name, digest: row.digest, lacks });
  }
  return tags;
}
