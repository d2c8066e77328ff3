import type { Catalog } from '../catalog/index.ts';
import { translated, type Registry } from '../registry/index.ts';
import { createDocuments } from './documents.ts';
import { createLists } from './lists.ts';
import { prepareArtifact } from './put.ts';
import type { Artifacts, Generation } from './types.ts';

const PAGE = 1000;
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
    open: (repository, digest, options) => blobs.open(repository, digest, options),
    generation: async (key) => (await catalog.queries.findGeneration(key)) ?? NEVER,
    async generations(below) {
      const found = new Map<string, Generation>();
      for (let after: string | undefined; ;) {
        const page = await catalog.queries.listGenerations(below, { after, limit: PAGE });
        for (const { key, generation, changedMs } of page) found.set(key, { generation, changedMs });
        if (page.length < PAGE) return found;
        after = page.at(-1)?.key;
      }
    },
  };
  return translated(artifacts);
}
