import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  actionsOf,
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

export function describeManifests(open: OpenCatalog): void {
  describe('manifests', () => {
    let catalog: Catalog;
    beforeAll(async () => void (catalog = await open()));
    afterAll(() => catalog.close());

    it('resolves a manifest by digest and by each of its tags', async () => {
      const repository = freshRepository();
      const args = manifestArgs(repository, 'tagged', { tags: [tag('v1'), tag('latest')], ...at(5000) });
      expect(await catalog.run('putManifest', args)).toEqual({ kind: 'stored' });
      const row = { digest: args.digest, mediaType: args.mediaType, sizeBytes: SIZE, pushedMs: 5000 };
      expect(await catalog.queries.findManifest(repository, args.digest)).toEqual(row);
      expect(await catalog.queries.findTag(repository, tag('v1'))).toEqual(row);
      expect(await catalog.queries.findTag(repository, tag('latest'))).toEqual(row);
    });

    it('serves a manifest only where it was pushed', async () => {
      const [here, there] = [freshRepository(), freshRepository()];
      await catalog.run('putManifest', manifestArgs(here, 'private', { tags: [tag('v1')] }));
      await catalog.run('putManifest', manifestArgs(there, 'other'));
      expect(await catalog.queries.findManifest(there, digest('private'))).toBeUndefined();
      expect(await catalog.queries.findTag(there, tag('v1'))).toBeUndefined();
    });

    it('tells tags apart by case', async () => {
      const repository = freshRepository();
      await catalog.run('putManifest', manifestArgs(repository, 'upper', { tags: [tag('V1')] }));
      expect(await catalog.queries.findTag(repository, tag('v1'))).toBeUndefined();
    });

    describe('what it needs', () => {
      it('names every missing blob once, and writes nothing', async () => {
        const repository = freshRepository();
        const [a, b] = [digest('missing a'), digest('missing b')];
        const blobs = [a, b, a].map((each) => ({ digest: each, sizeBytes: SIZE }));
        const args = manifestArgs(repository, 'incomplete', { blobs, tags: [tag('v1')] });
        expect(await catalog.run('putManifest', args)).toEqual({ kind: 'missing', digests: [a, b] });
        expect(await catalog.queries.hasRepository(repository)).toBe(false);
        expect(await actionsOf(catalog, repository)).toEqual([]);
      });

      it('does not accept a blob that only another repository holds', async () => {
        const [here, there] = [freshRepository(), freshRepository()];
        const elsewhere = await putBlob(catalog, there, 'only there');
        await putBlob(catalog, here, 'mine');
        const args = manifestArgs(here, 'thief', { blobs: [{ digest: elsewhere, sizeBytes: SIZE }] });
        expect(await catalog.run('putManifest', args)).toEqual({ kind: 'missing', digests: [elsewhere] });
        expect(await catalog.queries.findManifest(here, args.digest)).toBeUndefined();
      });

      it('refuses a size that differs from the stored one, and sets none of the tags', async () => {
        const repository = freshRepository();
        const blob = await putBlob(catalog, repository, 'sized');
        const args = manifestArgs(repository, 'liar', {
          blobs: [{ digest: blob, sizeBytes: SIZE + 1 }],
          tags: [tag('v1')],
        });
        expect(await catalog.run('putManifest', args)).toEqual({ kind: 'sizeDiffers', digest: blob, sizeBytes: SIZE });
        expect(await catalog.queries.findTag(repository, tag('v1'))).toBeUndefined();
        expect(await catalog.queries.findManifest(repository, args.digest)).toBeUndefined();
      });

      it('speaks of missing blobs before sizes', async () => {
        const repository = freshRepository();
        const blob = await putBlob(catalog, repository, 'sized too');
        const blobs = [
          { digest: blob, sizeBytes: SIZE + 1 },
          { digest: digest('not here'), sizeBytes: SIZE },
        ];
        const result = await catalog.run('putManifest', manifestArgs(repository, 'both wrong', { blobs }));
        expect(result).toEqual({ kind: 'missing', digests: [digest('not here')] });
      });

      it('accepts an index whose manifests are not here', async () => {
        const repository = freshRepository();
        const result = await catalog.run(
          'putManifest',
          manifestArgs(repository, 'index', { children: [digest('child')] }),
        );
        expect(result).toEqual({ kind: 'stored' });
      });

      it('references a foreign layer where the repository holds it, and only then', async () => {
        const repository = freshRepository();
        const held = await putBlob(catalog, repository, 'foreign but here');
        const args = manifestArgs(repository, 'foreign', { foreign: [held, digest('foreign and away')] });
        expect(await catalog.run('putManifest', args)).toEqual({ kind: 'stored' });
        const refused = await catalog.run('deleteBlob', { ...at(), repository, digest: held });
        expect(refused).toEqual({ kind: 'referenced', manifest: args.digest });
      });

      it('takes a manifest of five thousand layers', async () => {
        const repository = freshRepository();
        const layers = Array.from({ length: 5000 }, (_, i) => `layer ${i}`);
        await Promise.all(layers.map((layer) => putBlob(catalog, repository, layer)));
        const blobs = layers.map((layer) => ({ digest: digest(layer), sizeBytes: SIZE }));
        expect(await catalog.run('putManifest', manifestArgs(repository, 'wide', { blobs }))).toEqual({
          kind: 'stored',
        });
        const refused = await catalog.run('deleteBlob', { ...at(), repository, digest: digest('layer 4999') });
        expect(refused.kind).toBe('referenced');
      }, 60_000);
    });

    describe('pushed again', () => {
      it('succeeds and logs nothing', async () => {
        const repository = freshRepository();
        const blob = await putBlob(catalog, repository, 'layer');
        const args = manifestArgs(repository, 'again', {
          blobs: [{ digest: blob, sizeBytes: SIZE }],
          tags: [tag('v1')],
        });
        await catalog.run('putManifest', args);
        expect(await catalog.run('putManifest', args)).toEqual({ kind: 'stored' });
        expect(await actionsOf(catalog, repository)).toEqual(['blob.put', 'manifest.put', 'tag.put v1']);
      });

      it('moves the tag and remembers where it came from', async () => {
        const repository = freshRepository();
        await catalog.run('putManifest', manifestArgs(repository, 'old', { tags: [tag('v1')] }));
        await catalog.run('putManifest', manifestArgs(repository, 'new', { tags: [tag('v1')] }));
        expect((await catalog.queries.findTag(repository, tag('v1')))?.digest).toBe(digest('new'));
        expect((await catalog.queries.findManifest(repository, digest('old')))?.digest).toBe(digest('old'));
        const last = (await logOf(catalog, repository)).at(-1);
        expect(last).toMatchObject({ action: 'tag.put', name: 'v1', from: digest('old'), to: digest('new') });
      });

      describe('by whoever may not do everything with tags', () => {
        const CREATE = { create: true, update: false };
        const UPDATE = { create: false, update: true };
        const NONE = { create: false, update: false };

        /** A repository with tag v1 on `old`. */
        async function tagged() {
          const repository = freshRepository();
          await catalog.run('putManifest', manifestArgs(repository, 'old', { tags: [tag('v1')] }));
          return repository;
        }

        it.each([
          ['makes a new tag with the right to create', CREATE, 'new', 'v2', { kind: 'stored' }],
          ['moves a tag with the right to update', UPDATE, 'new', 'v1', { kind: 'stored' }],
          ['leaves a tag where it is without any right', NONE, 'old', 'v1', { kind: 'stored' }],
          ['moves no tag with the right to create', CREATE, 'new', 'v1', { kind: 'denied', tag: 'v1', need: 'update' }],
          ['makes no tag with the right to update', UPDATE, 'new', 'v2', { kind: 'denied', tag: 'v2', need: 'create' }],
        ])('%s', async (_, grant, what, name, result) => {
          const repository = await tagged();
          const before = (await catalog.queries.findTag(repository, tag(name)))?.digest;
          const args = manifestArgs(repository, what, { tags: [tag(name)], grant });
          expect(await catalog.run('putManifest', args)).toEqual(result);
          const after = (await catalog.queries.findTag(repository, tag(name)))?.digest;
          expect(after).toBe(result.kind === 'stored' ? digest(what) : before);
        });

        it('takes back all of it where one tag is denied', async () => {
          const repository = await tagged();
          const tags = ['a', 'b', 'v1', 'z'].map(tag);
          const args = manifestArgs(repository, 'new', { tags, grant: CREATE });
          expect(await catalog.run('putManifest', args)).toEqual({ kind: 'denied', tag: 'v1', need: 'update' });
          expect(await catalog.queries.listTags(repository, { limit: 9 })).toEqual(['v1']);
          expect(await catalog.queries.findManifest(repository, digest('new'))).toBeUndefined();
          expect(await actionsOf(catalog, repository)).toEqual(['manifest.put', 'tag.put v1']);
        });

        it('leaves no repository behind where nothing may be put', async () => {
          const repository = freshRepository();
          const args = manifestArgs(repository, 'new', { tags: [tag('v1')], grant: UPDATE });
          expect(await catalog.run('putManifest', args)).toMatchObject({ kind: 'denied' });
          expect(await catalog.queries.hasRepository(repository)).toBe(false);
        });
      });

      it('keeps the latest media type, drops what only the other one named, and logs it', async () => {
        const repository = freshRepository();
        const blob = await putBlob(catalog, repository, 'named once');
        const blobs = [{ digest: blob, sizeBytes: SIZE }];
        await catalog.run('putManifest', manifestArgs(repository, 'double', { blobs, mediaType: 'text/first' }));
        await catalog.run('putManifest', manifestArgs(repository, 'double', { mediaType: 'text/second' }));
        expect((await catalog.queries.findManifest(repository, digest('double')))?.mediaType).toBe('text/second');
        expect(await catalog.run('deleteBlob', { ...at(), repository, digest: blob })).toEqual({ kind: 'deleted' });
        expect(await actionsOf(catalog, repository)).toEqual([
          'blob.put',
          'manifest.put',
          'manifest.put',
          'blob.delete',
        ]);
      });
    });

    describe('deletes', () => {
      it('removes a tag alone', async () => {
        const repository = freshRepository();
        await catalog.run('putManifest', manifestArgs(repository, 'kept', { tags: [tag('v1'), tag('v2')] }));
        expect(await catalog.run('deleteTag', { ...at(), repository, tag: tag('v1') })).toEqual({ kind: 'deleted' });
        expect(await catalog.queries.findTag(repository, tag('v1'))).toBeUndefined();
        expect((await catalog.queries.findTag(repository, tag('v2')))?.digest).toBe(digest('kept'));
        const last = (await logOf(catalog, repository)).at(-1);
        expect(last).toMatchObject({ action: 'tag.delete', name: 'v1', from: digest('kept'), to: undefined });
      });

      it('removes a manifest with every tag that points at it, and logs each', async () => {
        const repository = freshRepository();
        await catalog.run('putManifest', manifestArgs(repository, 'gone', { tags: [tag('b'), tag('a')] }));
        await catalog.run('putManifest', manifestArgs(repository, 'stays', { tags: [tag('c')] }));
        const result = await catalog.run('deleteManifest', { ...at(), repository, digest: digest('gone') });
        expect(result).toEqual({ kind: 'deleted' });
        expect(await catalog.queries.findManifest(repository, digest('gone'))).toBeUndefined();
        expect(await catalog.queries.listTags(repository, { limit: 10 })).toEqual(['c']);
        const actions = await actionsOf(catalog, repository);
        expect(actions.slice(-3)).toEqual(['tag.delete a', 'tag.delete b', 'manifest.delete']);
      });

      it('leaves the same manifest of another repository alone', async () => {
        const [here, there] = [freshRepository(), freshRepository()];
        await catalog.run('putManifest', manifestArgs(here, 'shared', { tags: [tag('v1')] }));
        await catalog.run('putManifest', manifestArgs(there, 'shared', { tags: [tag('v1')] }));
        await catalog.run('deleteManifest', { ...at(), repository: here, digest: digest('shared') });
        expect((await catalog.queries.findTag(there, tag('v1')))?.digest).toBe(digest('shared'));
      });

      it('answers absent for what is not there, and logs nothing', async () => {
        const repository = freshRepository();
        const nowhere = [
          await catalog.run('deleteTag', { ...at(), repository, tag: tag('v1') }),
          await catalog.run('deleteManifest', { ...at(), repository, digest: digest('x') }),
        ];
        await putBlob(catalog, repository, 'makes the repository');
        const unknown = [
          await catalog.run('deleteTag', { ...at(), repository, tag: tag('v1') }),
          await catalog.run('deleteManifest', { ...at(), repository, digest: digest('makes the repository') }),
        ];
        expect([...nowhere, ...unknown]).toEqual(Array.from({ length: 4 }, () => ({ kind: 'absent' })));
        expect(await actionsOf(catalog, repository)).toEqual(['blob.put']);
      });

      it('takes a deleted manifest again', async () => {
        const repository = freshRepository();
        const args = manifestArgs(repository, 'back', { tags: [tag('v1')], children: [digest('child')] });
        await catalog.run('putManifest', args);
        await catalog.run('deleteManifest', { ...at(), repository, digest: args.digest });
        expect(await catalog.run('putManifest', args)).toEqual({ kind: 'stored' });
        expect((await catalog.queries.findTag(repository, tag('v1')))?.digest).toBe(args.digest);
      });
    });
  });
}
