import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  actionsOf,
  at,
  digest,
  freshRepository,
  manifestArgs,
  putBlob,
  SIZE,
  type OpenCatalog,
} from './fixtures.suite.ts';
import type { Catalog } from './types.ts';

export function describeBlobs(open: OpenCatalog): void {
  describe('blobs', () => {
    let catalog: Catalog;
    beforeAll(async () => void (catalog = await open()));
    afterAll(() => catalog.close());

    it('answers undefined for a blob that the repository never received', async () => {
      expect(await catalog.queries.findBlob(freshRepository(), digest('never'))).toBeUndefined();
    });

    it('opens a blob in the repository of its upload and nowhere else', async () => {
      const [here, there] = [freshRepository(), freshRepository()];
      await putBlob(catalog, here, 'blob');
      await putBlob(catalog, there, 'another');
      expect(await catalog.queries.findBlob(here, digest('blob'))).toEqual({ sizeBytes: SIZE });
      expect(await catalog.queries.findBlob(there, digest('blob'))).toBeUndefined();
    });

    it('knows a repository from its first blob on', async () => {
      const repository = freshRepository();
      expect(await catalog.queries.hasRepository(repository)).toBe(false);
      await putBlob(catalog, repository, 'first');
      expect(await catalog.queries.hasRepository(repository)).toBe(true);
    });

    it('takes the same blob twice and logs it once', async () => {
      const repository = freshRepository();
      const args = { ...at(), repository, digest: digest('twice'), sizeBytes: SIZE };
      expect(await catalog.run('finishUpload', args)).toEqual({ kind: 'finished' });
      expect(await catalog.run('finishUpload', args)).toEqual({ kind: 'finished' });
      expect(await actionsOf(catalog, repository)).toEqual(['blob.put']);
    });

    describe('mounts', () => {
      it('opens the blob in the other repository too', async () => {
        const [from, repository] = [freshRepository(), freshRepository()];
        const mounted = await putBlob(catalog, from, 'mounted');
        const result = await catalog.run('mountBlob', { ...at(), repository, from, digest: mounted });
        expect(result).toEqual({ kind: 'mounted' });
        expect(await catalog.queries.findBlob(repository, mounted)).toEqual({ sizeBytes: SIZE });
        expect(await actionsOf(catalog, repository)).toEqual(['blob.mount']);
      });

      it('mounts only what the source itself holds, and makes no repository otherwise', async () => {
        const [holder, from, repository] = [freshRepository(), freshRepository(), freshRepository()];
        const held = await putBlob(catalog, holder, 'held elsewhere');
        await putBlob(catalog, from, 'something');
        const result = await catalog.run('mountBlob', { ...at(), repository, from, digest: held });
        expect(result).toEqual({ kind: 'absent' });
        expect(await catalog.queries.hasRepository(repository)).toBe(false);
      });

      it('answers absent for a source that never was', async () => {
        const [from, repository] = [freshRepository(), freshRepository()];
        const result = await catalog.run('mountBlob', { ...at(), repository, from, digest: digest('x') });
        expect(result).toEqual({ kind: 'absent' });
      });

      it('opens nothing by what a manifest of the source merely names', async () => {
        const [from, repository] = [freshRepository(), freshRepository()];
        const manifest = manifestArgs(from, 'names a child', { children: [digest('child')] });
        await catalog.run('putManifest', manifest);
        for (const named of [manifest.digest, digest('child')]) {
          const result = await catalog.run('mountBlob', { ...at(), repository, from, digest: named });
          expect(result).toEqual({ kind: 'absent' });
        }
      });

      it('succeeds where the blob is held already, and logs nothing more', async () => {
        const [from, repository] = [freshRepository(), freshRepository()];
        const both = await putBlob(catalog, from, 'both');
        await putBlob(catalog, repository, 'both');
        const result = await catalog.run('mountBlob', { ...at(), repository, from, digest: both });
        expect(result).toEqual({ kind: 'mounted' });
        expect(await actionsOf(catalog, repository)).toEqual(['blob.put']);
      });

      it('lists every holder once, whatever the size of the page', async () => {
        const holders = Array.from({ length: 7 }, freshRepository);
        for (const holder of holders) await putBlob(catalog, holder, 'popular');
        for (const limit of [1, 2, 3, 7, 8]) {
          const found: string[] = [];
          for (
            let page;
            (page = await catalog.queries.listHolders(digest('popular'), { after: found.at(-1), limit })).length;
          ) {
            expect(page.length).toBeLessThanOrEqual(limit);
            found.push(...page);
          }
          expect(found.toSorted()).toEqual(holders.toSorted());
        }
      });
    });

    describe('deletes', () => {
      it('answers absent for a blob or repository that is not there', async () => {
        const repository = freshRepository();
        expect(await catalog.run('deleteBlob', { ...at(), repository, digest: digest('x') })).toEqual({
          kind: 'absent',
        });
        await putBlob(catalog, repository, 'y');
        expect(await catalog.run('deleteBlob', { ...at(), repository, digest: digest('x') })).toEqual({
          kind: 'absent',
        });
      });

      it('takes the blob from this repository alone', async () => {
        const [here, there] = [freshRepository(), freshRepository()];
        const shared = await putBlob(catalog, here, 'shared');
        await putBlob(catalog, there, 'shared');
        expect(await catalog.run('deleteBlob', { ...at(), repository: here, digest: shared })).toEqual({
          kind: 'deleted',
        });
        expect(await catalog.queries.findBlob(here, shared)).toBeUndefined();
        expect(await catalog.queries.findBlob(there, shared)).toEqual({ sizeBytes: SIZE });
        expect(await actionsOf(catalog, here)).toEqual(['blob.put', 'blob.delete']);
      });

      it('refuses what a manifest of the repository references, naming it, until that is deleted', async () => {
        const repository = freshRepository();
        const layer = await putBlob(catalog, repository, 'layer');
        const manifest = manifestArgs(repository, 'image', { blobs: [{ digest: layer, sizeBytes: SIZE }] });
        await catalog.run('putManifest', manifest);
        const refused = await catalog.run('deleteBlob', { ...at(), repository, digest: layer });
        expect(refused).toEqual({ kind: 'referenced', manifest: manifest.digest });
        expect(await catalog.queries.findBlob(repository, layer)).toEqual({ sizeBytes: SIZE });
        await catalog.run('deleteManifest', { ...at(), repository, digest: manifest.digest });
        expect(await catalog.run('deleteBlob', { ...at(), repository, digest: layer })).toEqual({ kind: 'deleted' });
      });

      it('does not mind references of other repositories', async () => {
        const [here, there] = [freshRepository(), freshRepository()];
        const layer = await putBlob(catalog, here, 'layer of another');
        await putBlob(catalog, there, 'layer of another');
        await catalog.run('putManifest', manifestArgs(there, 'image', { blobs: [{ digest: layer, sizeBytes: SIZE }] }));
        expect(await catalog.run('deleteBlob', { ...at(), repository: here, digest: layer })).toEqual({
          kind: 'deleted',
        });
      });

      it('answers absent for the bytes of a manifest, which are no blob of the repository', async () => {
        const repository = freshRepository();
        const manifest = manifestArgs(repository, 'bytes');
        await catalog.run('putManifest', manifest);
        const result = await catalog.run('deleteBlob', { ...at(), repository, digest: manifest.digest });
        expect(result).toEqual({ kind: 'absent' });
        expect(await catalog.queries.findBlob(repository, manifest.digest)).toBeUndefined();
      });
    });
  });
}
