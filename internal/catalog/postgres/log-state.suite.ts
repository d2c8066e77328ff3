import { expect } from '@jest/globals';
import type { Digest, RepositoryName, Tag } from '../../../pkg/oci/index.ts';
import { logOf } from '../fixtures.suite.ts';
import type { Catalog, ContentAction } from '../types.ts';

/** What the log of a repository makes of it, change by change, is what the catalog answers; no change contradicts another. */
export async function expectLogTellsState(catalog: Catalog, repository: RepositoryName): Promise<void> {
  const tags = new Map<string, Digest>();
  const [manifests, blobs, gone] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const { action, name, from, to } of await logOf(catalog, repository)) {
    // Nothing here makes an event.
    switch (action as ContentAction) {
      case 'tag.put':
      case 'tag.delete':
        expect([name, from]).toEqual([name, tags.get(name)]);
        if (to) tags.set(name, to);
        else tags.delete(name);
        break;
      case 'manifest.put':
        manifests.add(name);
        break;
      case 'manifest.delete':
        expect(manifests.delete(name)).toBe(true);
        gone.add(name);
        break;
      case 'blob.put':
      case 'blob.mount':
        expect(blobs.has(name)).toBe(false);
        blobs.add(name);
        break;
      case 'blob.delete':
        expect(blobs.delete(name)).toBe(true);
        gone.add(name);
        break;
      default:
        throw new Error(`${action} is not known here`);
    }
  }

  const { queries } = catalog;
  expect(await queries.listTags(repository, { limit: 100 })).toEqual([...tags.keys()].toSorted());
  for (const [name, digest] of tags) expect((await queries.findTag(repository, name as Tag))?.digest).toBe(digest);
  for (const each of [...manifests, ...gone] as Digest[]) {
    expect((await queries.findManifest(repository, each)) !== undefined).toBe(manifests.has(each));
  }
  for (const each of [...blobs, ...gone] as Digest[]) {
    expect((await queries.findBlob(repository, each)) !== undefined).toBe(blobs.has(each));
  }
}
