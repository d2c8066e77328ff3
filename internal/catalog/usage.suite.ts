import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RepositoryName } from '../../pkg/oci/index.ts';
import {
  at,
  digest,
  freshRepository,
  freshUploadId,
  manifestArgs,
  putBlob,
  SIZE,
  tag,
  type OpenCatalog,
} from './fixtures.suite.ts';
import type { Catalog, CommandArgs } from './types.ts';

export function describeUsage(open: OpenCatalog): void {
  describe('what repositories have', () => {
    let catalog: Catalog;
    beforeAll(async () => void (catalog = await open()));
    afterAll(() => catalog.close());

    const use = async (repository: RepositoryName) => catalog.queries.quotaUse([repository], 2000);
    const used = async (repository: RepositoryName): Promise<number> => (await use(repository)).usedBytes;
    async function put(
      repository: RepositoryName,
      what: string,
      layers: readonly string[] = [],
      more: Partial<CommandArgs<'putManifest'>> = {},
    ) {
      const blobs = layers.map((layer) => ({ digest: digest(layer), sizeBytes: SIZE }));
      for (const layer of layers) await putBlob(catalog, repository, layer);
      return catalog.run('putManifest', manifestArgs(repository, what, { blobs, ...more }));
    }
    const remove = (repository: RepositoryName, what: string) =>
      catalog.run('deleteManifest', { ...at(), repository, digest: digest(what) });

    it('counts each blob once, as long as a manifest references it', async () => {
      const repository = freshRepository();
      await put(repository, 'one', ['a', 'b']);
      expect(await used(repository)).toBe(3 * SIZE);
      await put(repository, 'two', ['b', 'c']);
      await put(repository, 'two', ['b', 'c'], { tags: [tag('v1')] });
      expect(await used(repository)).toBe(5 * SIZE);
      await remove(repository, 'one');
      expect(await used(repository)).toBe(3 * SIZE);
      await remove(repository, 'two');
      expect(await used(repository)).toBe(0);
    });

    it('counts what a foreign layer or another media type changes', async () => {
      const repository = freshRepository();
      const foreign = [digest('foreign')];
      await put(repository, 'image', [], { foreign });
      expect(await used(repository)).toBe(SIZE);
      await putBlob(catalog, repository, 'foreign');
      await put(repository, 'image', [], { foreign });
      expect(await used(repository)).toBe(2 * SIZE);
      await put(repository, 'image', [], { mediaType: 'text/other' });
      expect(await used(repository)).toBe(SIZE);
    });

    it('reserves what is uploaded until a manifest takes it', async () => {
      const repository = freshRepository();
      const id = freshUploadId();
      await catalog.run('createUpload', { ...at(), id, repository, algorithm: 'sha256', limitEach: 99, limitAll: 999 });
      await catalog.run('claimUpload', { ...at(), id, repository, untilMs: 2000 });
      const position = { digest: undefined, state: undefined, offsetBytes: 30 };
      await catalog.run('advanceUpload', { id, epoch: 1, nowMs: 1000, ...position });
      expect(await use(repository)).toEqual({ usedBytes: 0, reservedBytes: 30 });
      const blob = { digest: digest(`reserved by ${repository}`), sizeBytes: SIZE };
      await catalog.run('finishUpload', { ...at(), repository, ...blob, leaseMs: 9000 });
      expect(await use(repository)).toEqual({ usedBytes: 0, reservedBytes: 30 + SIZE });
      await catalog.run('putManifest', manifestArgs(repository, 'takes it', { blobs: [blob] }));
      expect(await use(repository)).toEqual({ usedBytes: 2 * SIZE, reservedBytes: 30 });
      await catalog.run('cancelUpload', { ...at(), id, repository });
    });

    it('refuses what a quota has no room for, and takes all of it back', async () => {
      const repository = freshRepository();
      const quotas = [{ name: 'small', repositories: [repository], limitBytes: 3 * SIZE }];
      expect(await put(repository, 'one', ['a', 'b'], { quotas })).toEqual({ kind: 'stored' });
      const tags = [tag('v1')];
      expect(await put(repository, 'two', ['a'], { quotas, tags })).toEqual({ kind: 'overQuota', quota: 'small' });
      expect(await catalog.queries.findTag(repository, tag('v1'))).toBeUndefined();
      expect(await used(repository)).toBe(3 * SIZE);
      expect(await put(repository, 'one', ['a', 'b'], { quotas, tags })).toEqual({ kind: 'stored' });
      await remove(repository, 'one');
      expect(await put(repository, 'two', ['a'], { quotas, tags })).toEqual({ kind: 'stored' });
    });

    it('lets one in of two pushes at once that fit alone', async () => {
      const repository = freshRepository();
      const quotas = [{ name: `of ${repository}`, repositories: [repository], limitBytes: SIZE }];
      const results = await Promise.all(['one', 'two'].map((what) => put(repository, what, [], { quotas })));
      expect(results.map(({ kind }) => kind).sort()).toEqual(['overQuota', 'stored']);
      expect(await used(repository)).toBe(SIZE);
    });
  });
}
