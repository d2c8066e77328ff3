import type { Digest, RepositoryName, Tag } from '../../../pkg/oci/index.ts';
import type { Queries } from '../types.ts';

type Find<Key, Row> = (repository: RepositoryName, key: Key) => Promise<Row>;

/** So many answers of each query are kept. */
const MOST = 2000;

/**
 * The same queries, of which those that pulls ask again and again are answered from memory as long as nobody has
 * committed anything. `version`: the same number, the same answers.
 */
export function rememberRows(queries: Queries, version: () => number): Queries {
  const remembered: Map<string, unknown>[] = [];
  let known: number | undefined;

  /** Whether what is remembered still holds; what does not is forgotten. */
  function isCurrent(): boolean {
    let now: number;
    try {
      now = version();
    } catch {
      return false; // the query itself will say why
    }
    if (now !== known) for (const rows of remembered) rows.clear();
    known = now;
    return true;
  }

  function remember<Key extends string, Row>(find: Find<Key, Row>): Find<Key, Row> {
    const rows = new Map<string, Promise<Row>>();
    remembered.push(rows);
    return (repository, key) => {
      if (!isCurrent()) return find(repository, key);
      const name = `${repository} ${key}`; // neither has a space in it
      let row = rows.get(name);
      if (!row) {
        row = find(repository, key);
        row.catch(() => rows.delete(name));
        if (rows.size >= MOST) rows.clear();
        rows.set(name, row);
      }
      return row;
    };
  }

  return {
    ...queries,
    findTag: remember((repository: RepositoryName, tag: Tag) => queries.findTag(repository, tag)),
    findManifest: remember((repository: RepositoryName, digest: Digest) => queries.findManifest(repository, digest)),
    findBlob: remember((repository: RepositoryName, digest: Digest) => queries.findBlob(repository, digest)),
  };
}
