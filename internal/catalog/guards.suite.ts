import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  at,
  digest,
  freshRepository,
  logOf,
  manifestArgs,
  putBlob,
  SIZE,
  tag,
  type OpenCatalog,
} from './fixtures.suite.ts';
import type { Catalog } from './types.ts';

const GUARDS = { fixed: ['v*'], kept: ['v*', 'main'] };
const LINK = `sha256-${'a'.repeat(64)}.sig`;

export function describeGuards(open: OpenCatalog): void {
  describe('tags that are guarded', () => {
    let catalog: Catalog;
    beforeAll(async () => void (catalog = await open()));
    afterAll(() => catalog.close());

    const put = (repository: ReturnType<typeof freshRepository>, what: string, ...tags: readonly string[]) =>
      catalog.run('putManifest', manifestArgs(repository, what, { tags: tags.map(tag), guards: GUARDS }));

    it('are made, and stay where they are', async () => {
      const repository = freshRepository();
      expect(await put(repository, 'one', 'v1')).toEqual({ kind: 'stored' });
      expect(await put(repository, 'one', 'v1')).toEqual({ kind: 'stored' });
      expect(await put(repository, 'two', 'v1')).toEqual({ kind: 'fixed', tag: 'v1' });
      expect((await catalog.queries.findTag(repository, tag('v1')))?.digest).toBe(digest('one'));
    });

    it('take a whole push back with them', async () => {
      const repository = freshRepository();
      await put(repository, 'one', 'v1');
      const before = await logOf(catalog, repository);
      expect(await put(repository, 'two', 'a', 'v1', 'v2')).toEqual({ kind: 'fixed', tag: 'v1' });
      expect(await catalog.queries.listTags(repository, { limit: 9 })).toEqual(['v1']);
      expect(await catalog.queries.findManifest(repository, digest('two'))).toBeUndefined();
      expect(await logOf(catalog, repository)).toEqual(before);
    });

    it.each(['main', LINK])('are moved where they are only kept, or link to something: %s', async (name) => {
      const repository = freshRepository();
      await put(repository, 'one', name);
      expect(await put(repository, 'two', name)).toEqual({ kind: 'stored' });
      expect((await catalog.queries.findTag(repository, tag(name)))?.digest).toBe(digest('two'));
    });

    it.each([
      ['v1', 'kept'],
      ['main', 'kept'],
      ['other', 'deleted'],
      [LINK, 'deleted'],
    ])('are not deleted: %s is %s', async (name, kind) => {
      const repository = freshRepository();
      await put(repository, 'one', name);
      const target = { ...at(), repository, guards: GUARDS };
      expect(await catalog.run('deleteTag', { ...target, tag: tag(name) })).toMatchObject({ kind });
      const isThere = (await catalog.queries.findTag(repository, tag(name))) !== undefined;
      expect(isThere).toBe(kind === 'kept');
      await put(repository, 'one', name, 'free');
      expect(await catalog.run('deleteManifest', { ...target, digest: digest('one') })).toMatchObject({ kind });
      expect(await catalog.queries.listTags(repository, { limit: 9 })).toEqual(kind === 'kept' ? ['free', name] : []);
    });

    it('keep what their index is made of, however deep', async () => {
      const repository = freshRepository();
      await put(repository, 'leaf');
      await put(repository, 'loose');
      const inner = manifestArgs(repository, 'inner', { children: [digest('leaf')] });
      await catalog.run('putManifest', inner);
      await catalog.run(
        'putManifest',
        manifestArgs(repository, 'outer', { children: [digest('inner')], tags: [tag('v1')] }),
      );
      const remove = (what: string) =>
        catalog.run('deleteManifest', { ...at(), repository, digest: digest(what), guards: GUARDS });
      expect(await remove('leaf')).toEqual({ kind: 'kept', tag: 'v1' });
      expect(await remove('inner')).toEqual({ kind: 'kept', tag: 'v1' });
      expect(await remove('loose')).toEqual({ kind: 'deleted' });
    });

    it('do not lose their layers to a push of the same bytes as something else', async () => {
      const repository = freshRepository();
      const blob = await putBlob(catalog, repository, 'layer of a guarded one');
      const args = manifestArgs(repository, 'image', {
        blobs: [{ digest: blob, sizeBytes: SIZE }],
        tags: [tag('v1')],
        guards: GUARDS,
      });
      await catalog.run('putManifest', args);
      const disguised = { ...args, mediaType: 'text/other', blobs: [], tags: [] };
      expect(await catalog.run('putManifest', disguised)).toEqual({ kind: 'fixed', tag: 'v1' });
      const refused = await catalog.run('deleteBlob', { ...at(), repository, digest: blob });
      expect(refused).toEqual({ kind: 'referenced', manifest: args.digest });
    });
  });
}
