import type { RepositoryName } from '../../../../pkg/oci/index.ts';
import type { Artifacts } from '../../../artifacts/index.ts';
import type { Job } from '../../../jobs/index.ts';
import type { Origin } from '../../../registry/index.ts';
import type { Names } from '../names.ts';
import { renderIndex } from '../rules/index-json.ts';
import type { UrlOf } from '../rules/json.ts';
import type { ColaStore } from '../store.ts';
import { INDEX_TAG } from './door.ts';
import { readFacts } from './facts.ts';
import { NOTE, TYPE } from './types.ts';

export interface IndexJobDeps {
  readonly artifacts: Artifacts;
  readonly store: Pick<ColaStore, 'getRegistryIndex'>;
  readonly names: Names;
  /** The URLs of a registry's versions, as everybody is told them. */
  readonly urlsOf: (registry: string) => Promise<UrlOf>;
  /** Told of a registry whose index could not be kept; the others are, and it is tried again later. */
  readonly onFailure: (registry: string, error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

const INTERVAL_MS = 1000;
const LEASE_MS = 30_000;
const AGAIN_MS = 60_000;
const BY: Omit<Origin, 'requestId'> = { principal: 'cola-index', address: '' };

/**
 * Keeps each registry's index.json as an artifact too, `cola/<registry>:_index`, a second after the last change, for
 * mirrors and for `oras pull`. Which generation it is of, its annotation says: so it goes on where another process ended.
 */
export function createIndexJob(deps: IndexJobDeps): Job {
  const { artifacts, store, names, urlsOf, onFailure, clock } = deps;
  /** The generation that each index was last seen to be of. */
  const kept = new Map<string, number>();
  const againMs = new Map<string, number>();

  async function keptGeneration(repository: RepositoryName): Promise<number | undefined> {
    const facts = readFacts((await artifacts.find(repository, INDEX_TAG))?.facts);
    return facts?.kind === 'index' ? facts.generation : undefined;
  }

  async function keep(registry: string, generation: number): Promise<void> {
    const repository = names.registry(registry);
    if (!repository || (await keptGeneration(repository)) === generation) return;
    const index = await store.getRegistryIndex(registry);
    const by = { ...BY, requestId: `cola-index-${generation}` };
    if (!index) {
      if (await artifacts.find(repository, INDEX_TAG)) await artifacts.delete(by, repository, INDEX_TAG);
      return;
    }
    const document = {
      repository,
      tag: INDEX_TAG,
      type: TYPE.index,
      title: 'index.json',
      bytes: Buffer.from(renderIndex(index.versions, await urlsOf(registry))),
      annotations: { [NOTE.generation]: String(generation) },
    };
    await artifacts.writeDocument(by, document, { dropsPrevious: true });
  }

  return {
    name: 'cola-index',
    intervalMs: INTERVAL_MS,
    leaseMs: LEASE_MS,
    async run(signal) {
      for (const [key, { generation }] of await artifacts.generations(names.prefix)) {
        if (signal.aborted) return;
        const registry = names.read(key)?.registry;
        if (registry === undefined || kept.get(registry) === generation) continue;
        if (clock() < (againMs.get(registry) ?? 0)) continue;
        try {
          await keep(registry, generation);
          kept.set(registry, generation);
          againMs.delete(registry);
        } catch (error) {
          againMs.set(registry, clock() + AGAIN_MS);
          onFailure(registry, error);
        }
      }
    },
  };
}
