import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { at, digest, freshRepository, manifestArgs, putBlob, SIZE, tag, type OpenCatalog } from './fixtures.suite.ts';
import type { Catalog } from './types.ts';

export function describeRetention(open: OpenCatalog): void {
  describe('what retention goes by', () => {
    let catalog: Catalog;
    beforeAll(async () => void (catalog = await open()));
    afterAll(() => catalog.close());

    it('knows since when tags point where they do, and when manifests lost theirs', async () => {
      const repository = freshRepository();
      const push = (what: string, nowMs: number, ...tags: readonly string[]) =>
        catalog.run('putManifest', manifestArgs(repository, what, { ...at(nowMs), tags: tags.map(tag) }));
      await push('one', 1000, 'main', 'v1');
      await push('two', 2000, 'main');
      await push('two', 3000, 'main');
      expect(await catalog.queries.listTagTimes(repository, { limit: 9 })).toEqual([
        { tag: 'main', digest: digest('two'), setMs: 2000 },
        { tag: 'v1', digest: digest('one'), setMs: 1000 },
      ]);
      const times = await catalog.queries.listManifestTimes(repository, { limit: 9 });
      expect(times.find((each) => each.digest === digest('one'))).toMatchObject({ leftMs: 2000 });
      expect(times.find((each) => each.digest === digest('two'))).toMatchObject({ leftMs: undefined });
    });

    it('keeps the latest of pulls, of manifests that are there', async () => {
      const repository = freshRepository();
      await catalog.run('putManifest', manifestArgs(repository, 'pulled'));
      const pulled = (what: string, pulledMs: number) => ({
        of: 'manifest' as const,
        repository,
        digest: digest(what),
        pulledMs,
      });
      await catalog.run('recordPulls', { pulls: [pulled('pulled', 500), pulled('never', 500)] });
      await catalog.run('recordPulls', { pulls: [pulled('pulled', 400)] });
      expect(await catalog.queries.listManifestTimes(repository, { limit: 9 })).toEqual([
        { digest: digest('pulled'), pulledMs: 500, leftMs: undefined },
      ]);
      await catalog.run('deleteManifest', { ...at(), repository, digest: digest('pulled') });
      await catalog.run('putManifest', manifestArgs(repository, 'pulled'));
      const [again] = await catalog.queries.listManifestTimes(repository, { limit: 9 });
      expect(again).toMatchObject({ pulledMs: undefined });
      expect(await catalog.queries.pullsSince()).toBeGreaterThan(0);
    });

    it('takes the pull of a blob for one of each manifest of the repository that names it', async () => {
      const [repository, elsewhere] = [freshRepository(), freshRepository()];
      for (const name of [repository, elsewhere]) {
        const blobs = [{ digest: await putBlob(catalog, name, 'payload'), sizeBytes: SIZE }];
        for (const what of ['one', 'two']) await catalog.run('putManifest', manifestArgs(name, what, { blobs }));
        await catalog.run('putManifest', manifestArgs(name, 'other'));
      }
      const pulled = (of: 'manifest' | 'blob', what: string, pulledMs: number) => ({
        of,
        repository,
        digest: digest(what),
        pulledMs,
      });
      await catalog.run('recordPulls', {
        pulls: [pulled('manifest', 'one', 700), pulled('blob', 'payload', 500), pulled('blob', 'never', 500)],
      });
      const times = async (name: typeof repository) =>
        (await catalog.queries.listManifestTimes(name, { limit: 9 }))
          .filter((each) => each.pulledMs !== undefined)
          .map((each) => [each.digest, each.pulledMs]);
      expect(new Map((await times(repository)) as [string, number][])).toEqual(
        new Map([
          [digest('one'), 700],
          [digest('two'), 500],
        ]),
      );
      expect(await times(elsewhere)).toEqual([]);
    });

    it('leaves a tag alone that was moved meanwhile', async () => {
      const repository = freshRepository();
      await catalog.run('putManifest', manifestArgs(repository, 'new', { tags: [tag('main')] }));
      const remove = (what: string) =>
        catalog.run('deleteTag', { ...at(), repository, tag: tag('main'), at: digest(what) });
      expect(await remove('old')).toEqual({ kind: 'moved' });
      expect((await catalog.queries.findTag(repository, tag('main')))?.digest).toBe(digest('new'));
      expect(await remove('new')).toEqual({ kind: 'deleted' });
    });

    it('leaves a manifest alone that is in use', async () => {
      const repository = freshRepository();
      await catalog.run('putManifest', manifestArgs(repository, 'child'));
      const children = [digest('child')];
      await catalog.run('putManifest', manifestArgs(repository, 'index', { children, tags: [tag('v1')] }));
      const remove = (what: string, ...onlyTags: readonly string[]) =>
        catalog.run('deleteManifest', { ...at(), repository, digest: digest(what), onlyTags: onlyTags.map(tag) });
      expect(await remove('child')).toEqual({ kind: 'inUse' });
      expect(await remove('index', 'v2')).toEqual({ kind: 'inUse' });
      expect(await remove('index', 'v2', 'v1')).toEqual({ kind: 'deleted' });
      expect(await catalog.queries.listTags(repository, { limit: 9 })).toEqual([]);
      expect(await remove('child')).toEqual({ kind: 'deleted' });
    });

    it('leaves a manifest alone that somebody pushed or pulled since it was found old', async () => {
      const repository = freshRepository();
      await catalog.run('putManifest', manifestArgs(repository, 'old', at(1000)));
      const remove = (usedMs: number) =>
        catalog.run('deleteManifest', { ...at(9000), repository, digest: digest('old'), onlyTags: [], usedMs });
      expect(await remove(999)).toEqual({ kind: 'inUse' });
      await catalog.run('putManifest', manifestArgs(repository, 'old', at(2000)));
      expect(await remove(1000)).toEqual({ kind: 'inUse' });
      await catalog.run('recordPulls', {
        pulls: [{ of: 'manifest', repository, digest: digest('old'), pulledMs: 3000 }],
      });
      expect(await remove(2000)).toEqual({ kind: 'inUse' });
      expect((await catalog.queries.listManifestTimes(repository, { limit: 1 }))[0]?.pulledMs).toBe(3000);
      expect(await remove(3000)).toEqual({ kind: 'deleted' });
    });
  });
}
