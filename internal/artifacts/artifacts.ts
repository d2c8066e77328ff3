import type { Catalog } from '../catalog/index.ts';
import { translated, type Registry } from '../registry/index.ts';
import { createDocuments } from './documents.ts';
import { createLists } from './lists.ts';
import { prepareArtifact } from './put.ts';
import type { Artifacts } from './types.ts';

const NEVER = { generation: 0, changedMs: 0 };

export function createArtifacts({ registry, catalog }: { registry: Registry; catalog: Catalog }): Artifacts {
  const { uploads, manifests, removals, blobs } = registry;
  const artifacts: Artifacts = {
    async upload(by, repository, body, expected) {
      if (expected === undefined) return uploads.putUnnamed(by, repository, body);
      return uploads.putWhole(by, repository, expected, body);
    },

    async create(by, artifact) {
      const push = await prepareArtifact(registry, by, artifact);
      const done = await manifests.putIf(by, artifact.repository, push, undefined);
      if (done.kind === 'put') return { kind: 'created', digest: done.pushed.digest };
      if (done.at === undefined) throw new Error('a tag that is not there was expected, and is not there');
      return { kind: 'exists', digest: done.at };
    },

    ...createDocuments(registry),
    ...createLists(catalog, registry),
    delete: (by, repository, tag) => removals.untag(by, repository, tag),
    deleteRepository: (by, repository, { below = false } = {}) => removals.clear(by, repository, below),
    putFacts: (artifact, facts) => registry.facts.put(artifact, facts),
    open: (repository, digest, options) => blobs.open(repository, digest, options),
    generation: async (key) => (await catalog.queries.findGeneration(key)) ?? NEVER,
  };
  return translated(artifacts);
}
