import type { ColaStore, RegistryIndex } from './store.ts';

/** What indexes are made of, of the registries that were asked for last. */
export interface IndexSources {
  /** Undefined where there is no such registry. Read once for a stamp, however many ask at a time. */
  get(registry: string, stamp: string): Promise<RegistryIndex | undefined>;
}

/** A version takes half a kilobyte or so. */
const MOST_VERSIONS = 50_000;
const MOST_REGISTRIES = 100;

interface Source {
  readonly stamp: string;
  readonly read: Promise<RegistryIndex | undefined>;
  versions: number;
}

export function createIndexSources(store: Pick<ColaStore, 'getRegistryIndex'>): IndexSources {
  const kept = new Map<string, Source>();

  function makeRoom(newest: string): void {
    let versions = [...kept.values()].reduce((sum, source) => sum + source.versions, 0);
    for (const [registry, source] of kept) {
      if ((versions <= MOST_VERSIONS && kept.size <= MOST_REGISTRIES) || registry === newest) break;
      kept.delete(registry);
      versions -= source.versions;
    }
  }

  async function settle(registry: string, source: Source): Promise<void> {
    const index = await source.read.catch(() => undefined);
    if (kept.get(registry) !== source) return;
    // What was read may be newer than what was asked for: it is good, and soon asked for under its own stamp.
    if (!index) return void kept.delete(registry);
    source.versions = index.versions.length;
    makeRoom(registry);
  }

  return {
    get(registry, stamp) {
      const found = kept.get(registry);
      kept.delete(registry);
      const source: Source =
        found?.stamp === stamp ? found : { stamp, read: store.getRegistryIndex(registry), versions: 0 };
      kept.set(registry, source);
      if (source !== found) void settle(registry, source);
      return source.read;
    },
  };
}
