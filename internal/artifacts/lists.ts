import { parseRepositoryName, type RepositoryName } from '../../pkg/oci/index.ts';
import type { ArtifactRow, Catalog } from '../catalog/index.ts';
import type { Registry } from '../registry/index.ts';
import type { Artifact, Artifacts, NamedRepository } from './types.ts';

type Lists = Pick<Artifacts, 'find' | 'list' | 'listBelow' | 'repositories'>;

/** So many manifests are asked about at a time, where a door has to be asked. */
const ASKED_AT_ONCE = 32;
const LOOKS_AT_ONCE = 1000;

export function createLists({ queries }: Catalog, { facts }: Pick<Registry, 'facts'>): Lists {
  async function tell(rows: readonly ArtifactRow[]): Promise<readonly Artifact[]> {
    const told: Artifact[] = [];
    for (let from = 0; from < rows.length; from += ASKED_AT_ONCE) {
      const some = rows.slice(from, from + ASKED_AT_ONCE);
      told.push(...(await Promise.all(some.map(async (row) => toArtifact(row, await facts.of(row))))));
    }
    return told;
  }

  /** Repositories below, from one place in the order of names on. */
  const look = (below: RepositoryName, after: string | undefined, limit: number): Promise<readonly NamedRepository[]> =>
    queries.listDescribed(below, facts.by(parseRepositoryName(`${below}/x`)), { after, limit });

  return {
    async find(repository, tag) {
      const row = await queries.findArtifact(repository, tag);
      return row && toArtifact(row, await facts.of(row));
    },
    list: async (repository, page) => tell(await queries.listArtifacts(repository, page)),
    listBelow: async (repository, page) => tell(await queries.listArtifactsBelow(repository, page)),

    async repositories(below, { limit, after, matches = () => true }) {
      const found: NamedRepository[] = [];
      const size = Math.max(limit, LOOKS_AT_ONCE);
      for (let last: string | undefined = after; found.length < limit;) {
        const some = await look(below, last, size);
        found.push(...some.filter(({ name }) => matches(name.slice(below.length + 1))));
        if (some.length < size) break;
        last = some.at(-1)?.name;
      }
      return found.slice(0, limit);
    },
  };
}

function toArtifact(row: ArtifactRow, facts: Artifact['facts']): Artifact {
  const { description: _, ...rest } = row;
  return { ...rest, facts };
}
