import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { at, digest, freshRepository, manifestArgs, putBlob, SIZE, tag, type OpenCatalog } from './fixtures.suite.ts';
import type { Catalog } from './types.ts';

export function describeHistory(open: OpenCatalog): void {
  describe('history', () => {
    let catalog: Catalog;
    beforeAll(async () => void (catalog = await open()));
    afterAll(() => catalog.close());

    it('tells what a tag pointed at at a time, and that it was not there', async () => {
      const repository = freshRepository();
      const push = (what: string, nowMs: number) =>
        catalog.run('putManifest', manifestArgs(repository, what, { ...at(nowMs), tags: [tag('main')] }));
      await push('one', 1000);
      await push('two', 2000);
      await catalog.run('deleteTag', { ...at(3000), repository, tag: tag('main') });
      const targetAt = async (ms: number) => {
        const move = await catalog.queries.findTagMove(repository, tag('main'), ms);
        return move && (move.to ?? 'deleted');
      };
      expect(await targetAt(999)).toBeUndefined();
      expect(await targetAt(1000)).toBe(digest('one'));
      expect(await targetAt(2999)).toBe(digest('two'));
      expect(await targetAt(3000)).toBe('deleted');
    });

    describe('of manifests that were deleted', () => {
      async function deleted(keepMs?: number) {
        const repository = freshRepository();
        const layer = await putBlob(catalog, repository, `layer of ${repository}`);
        const blobs = [{ digest: layer, sizeBytes: SIZE }];
        const args = manifestArgs(repository, `image of ${repository}`, { blobs, mediaType: 'text/image' });
        await catalog.run('putManifest', args);
        await catalog.run('deleteManifest', { ...at(5000), repository, digest: args.digest, keepMs });
        return { repository, args, layer };
      }

      it('lists them, until they are put again', async () => {
        const { repository, args } = await deleted();
        const row = { digest: args.digest, mediaType: 'text/image', sizeBytes: SIZE, deletedMs: 5000 };
        expect(await catalog.queries.findDeletedManifest(repository, args.digest)).toEqual(row);
        expect(await catalog.queries.listDeletedManifests(repository, { limit: 9 })).toEqual([row]);
        expect(await catalog.queries.findDeletedManifest(freshRepository(), args.digest)).toBeUndefined();
        await catalog.run('putManifest', args);
        expect(await catalog.queries.listDeletedManifests(repository, { limit: 9 })).toEqual([]);
      });

      it('keeps their content from any collection until their time is over', async () => {
        const { repository, args, layer } = await deleted(9000);
        const collect = (nowMs: number) =>
          catalog.run('beginDeletions', {
            ...at(nowMs),
            deletion: `collection at ${nowMs} of ${repository}`,
            digests: [args.digest, layer],
            beforeMs: nowMs,
          });
        expect(await collect(8999)).toEqual([]);
        expect(await collect(9000)).toHaveLength(2);
      });

      it('forgets them with their content', async () => {
        const { repository, args } = await deleted();
        const deletion = `deletion of ${repository}`;
        await catalog.run('beginDeletions', { ...at(6000), deletion, digests: [args.digest], beforeMs: 6000 });
        await catalog.run('endDeletions', { deletion, digests: [args.digest] });
        expect(await catalog.queries.findDeletedManifest(repository, args.digest)).toBeUndefined();
      });

      it('forgets them when they are old, a batch at a time', async () => {
        const { repository, args } = await deleted();
        while ((await catalog.run('forgetDeleted', { beforeMs: 5000, limit: 2 })) > 0);
        expect(await catalog.queries.findDeletedManifest(repository, args.digest)).toBeDefined();
        while ((await catalog.run('forgetDeleted', { beforeMs: 5001, limit: 2 })) > 0);
        expect(await catalog.queries.findDeletedManifest(repository, args.digest)).toBeUndefined();
      });
    });
  });
}
