import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Digest, RepositoryName } from '../../pkg/oci/index.ts';
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
import type { Candidate, Catalog } from './types.ts';

const NOW = 1000;
const LATER = 100_000;

export function describeGc(open: OpenCatalog): void {
  describe('garbage', () => {
    let catalog: Catalog;
    let repository: RepositoryName;
    beforeEach(async () => {
      catalog = await open();
      repository = freshRepository();
    });
    afterEach(() => catalog.close());

    const candidates = (untilMs = LATER): Promise<readonly Candidate[]> =>
      catalog.queries.listCandidates({ after: undefined, untilMs, limit: 100 });
    const found = async (what: Digest) => (await candidates()).find((each) => each.digest === what);
    const begin = async (digests: readonly Digest[], more: { beforeMs?: number; nowMs?: number } = {}) => {
      const begun = { ...at(LATER), deletion: 'mine', digests, beforeMs: LATER, ...more };
      return (await catalog.run('beginDeletions', begun)).map((each) => each.digest);
    };
    const about = (what: Digest) => ({ ...at(NOW), repository, digest: what });
    const upload = (what: string, leaseMs?: number, seen?: number) =>
      catalog.run('finishUpload', { ...about(digest(what)), sizeBytes: SIZE, leaseMs, seen });
    const manifest = (what: string, ...blobs: readonly string[]) =>
      manifestArgs(repository, what, { blobs: blobs.map((each) => ({ digest: digest(each), sizeBytes: SIZE })) });
    const push = (what: string, ...blobs: readonly string[]) => catalog.run('putManifest', manifest(what, ...blobs));

    describe('candidates', () => {
      it('are what was uploaded, since then', async () => {
        await upload('blob', 3000);
        expect(await candidates()).toEqual([
          {
            digest: digest('blob'),
            sizeBytes: SIZE,
            sinceMs: NOW,
            repository,
            isReferenced: false,
            leasedUntilMs: 3000,
          },
        ]);
      });

      it('are what a deleted manifest referenced and the manifest itself, since the delete', async () => {
        await upload('layer');
        await push('image', 'layer');
        await catalog.run('deleteManifest', { ...about(digest('image')), ...at(7000) });
        for (const what of ['image', 'layer']) {
          expect(await found(digest(what))).toMatchObject({ sinceMs: 7000, isReferenced: false });
        }
      });

      it('are what a manifest referenced before it was pushed as another type', async () => {
        await upload('layer');
        await push('image', 'layer');
        await catalog.run('dismissCandidates', { digests: [digest('layer')], nowMs: NOW });
        await catalog.run('putManifest', { ...manifest('image'), mediaType: 'text/other', nowMs: 7000 });
        expect(await found(digest('layer'))).toMatchObject({ sinceMs: 7000, isReferenced: false });
      });

      it('say so where another manifest still references them', async () => {
        await upload('layer');
        await push('one', 'layer');
        await push('two', 'layer');
        await catalog.run('deleteManifest', about(digest('one')));
        expect(await found(digest('layer'))).toMatchObject({ isReferenced: true });
      });

      it('come by age and page by it', async () => {
        for (const [index, what] of ['c', 'a', 'b'].entries()) {
          await catalog.run('finishUpload', { ...about(digest(what)), ...at(index), sizeBytes: SIZE });
        }
        const first = await catalog.queries.listCandidates({ after: undefined, untilMs: 1, limit: 2 });
        expect(first.map(({ sinceMs }) => sinceMs)).toEqual([0, 1]);
        const next = await catalog.queries.listCandidates({ after: first[1], untilMs: LATER, limit: 2 });
        expect(next.map((each) => each.digest)).toEqual([digest('b')]);
      });

      it('start over when they are uploaded again', async () => {
        await upload('blob');
        await catalog.run('finishUpload', { ...about(digest('blob')), ...at(7000), sizeBytes: SIZE });
        expect((await found(digest('blob')))?.sinceMs).toBe(7000);
      });

      it('are struck out where something references them, and only there', async () => {
        for (const what of ['layer', 'loose', 'leased']) await upload(what, what === 'leased' ? LATER + 1 : undefined);
        const other = freshRepository();
        const kept = { ...at(), repository: other, from: repository, digest: digest('leased') };
        await push('image', 'layer', 'leased');
        await catalog.run('mountBlob', { ...kept, leaseMs: LATER + 1 });
        const digests = ['layer', 'loose', 'leased', 'never'].map(digest);
        expect(await catalog.run('dismissCandidates', { digests, nowMs: LATER })).toBe(1);
        expect((await candidates()).map((each) => each.digest).toSorted()).toEqual(
          [digest('loose'), digest('leased')].toSorted(),
        );
      });
    });

    describe('leases', () => {
      it('of an upload end when a manifest of the repository references the blob', async () => {
        await upload('layer', LATER);
        expect((await found(digest('layer')))?.leasedUntilMs).toBe(LATER);
        await push('image', 'layer');
        expect((await found(digest('layer')))?.leasedUntilMs).toBe(0);
      });

      it('of one repository outlive the reference of another', async () => {
        const other = freshRepository();
        await upload('layer', LATER);
        await catalog.run('mountBlob', {
          ...at(),
          repository: other,
          from: repository,
          digest: digest('layer'),
          leaseMs: LATER,
        });
        await push('image', 'layer');
        expect((await found(digest('layer')))?.leasedUntilMs).toBe(LATER);
      });

      it('end with a delete of the blob', async () => {
        await upload('blob', LATER);
        await catalog.run('deleteBlob', about(digest('blob')));
        expect((await found(digest('blob')))?.leasedUntilMs).toBe(0);
      });

      it('are extended for who holds the blob, never shortened', async () => {
        await upload('blob', 3000);
        const extend = (untilMs: number, where = repository) =>
          catalog.run('extendLease', { repository: where, digest: digest('blob'), nowMs: NOW, untilMs });
        expect(await extend(5000)).toBe(true);
        expect(await extend(4000)).toBe(true);
        expect((await catalog.queries.findHeldBlob(repository, digest('blob')))?.leasedUntilMs).toBe(5000);
        expect(await extend(9000, freshRepository())).toBe(false);
      });

      it('are told only of what nothing references', async () => {
        await upload('layer', 3000);
        expect(await catalog.queries.findHeldBlob(repository, digest('layer'))).toEqual({
          sizeBytes: SIZE,
          leasedUntilMs: 3000,
        });
        await push('image', 'layer');
        expect(await catalog.queries.findHeldBlob(repository, digest('layer'))).toEqual({
          sizeBytes: SIZE,
          leasedUntilMs: undefined,
        });
        expect(await catalog.queries.findHeldBlob(freshRepository(), digest('layer'))).toBeUndefined();
      });
    });

    describe('deletions', () => {
      it('begin with what nothing references, and end its memberships', async () => {
        await upload('blob');
        expect(await begin([digest('blob'), digest('never')])).toEqual([digest('blob')]);
        expect(await catalog.queries.findBlob(repository, digest('blob'))).toBeUndefined();
        expect(await candidates()).toEqual([]);
        expect(await actionsOf(catalog, repository)).toEqual(['blob.put', 'blob.delete']);
        expect((await catalog.queries.findDeletion(digest('blob'))).deletingMs).toBe(LATER);
      });

      it.each([
        ['too young', async () => void (await upload('blob')), { beforeMs: NOW - 1 }],
        ['leased', async () => void (await upload('blob', LATER + 1)), {}],
        ['referenced', async () => void (await upload('blob'), await push('image', 'blob')), {}],
        ['deleted already', async () => void (await upload('blob'), await begin([digest('blob')])), {}],
      ])('do not begin with what is %s', async (_, prepare, more) => {
        await prepare();
        expect(await begin([digest('blob')], more)).toEqual([]);
      });

      it('end with the row, for who began them', async () => {
        await upload('blob');
        await begin([digest('blob')]);
        const end = (deletion: string) => catalog.run('endDeletions', { deletion, digests: [digest('blob')] });
        expect(await end('another')).toBe(0);
        expect(await catalog.queries.findContent(digest('blob'))).toEqual({ sizeBytes: SIZE });
        expect(await end('mine')).toBe(1);
        expect(await catalog.queries.findContent(digest('blob'))).toBeUndefined();
      });

      it('pass to another after a time, and the first has nothing to say any more', async () => {
        await upload('blob');
        await begin([digest('blob')]);
        const take = (beforeMs: number) =>
          catalog.run('takeOverDeletions', { deletion: 'another', beforeMs, nowMs: beforeMs + 60, limit: 9 });
        expect(await take(LATER - 1)).toEqual([]);
        expect(await take(LATER)).toEqual([{ digest: digest('blob'), sizeBytes: SIZE }]);
        expect(await take(LATER)).toEqual([]);
        expect(await catalog.run('endDeletions', { deletion: 'mine', digests: [digest('blob')] })).toBe(0);
      });

      it('that were given up are ended by who needs the blob', async () => {
        await upload('blob');
        await begin([digest('blob')]);
        const drop = (beforeMs: number) => catalog.run('dropDeletion', { digest: digest('blob'), beforeMs });
        expect(await drop(LATER - 1)).toBe(false);
        expect(await drop(LATER)).toBe(true);
        expect(await drop(LATER)).toBe(false);
        expect(await upload('blob')).toEqual({ kind: 'finished' });
      });

      it('are not there for who lists content', async () => {
        await upload('blob');
        await begin([digest('blob')]);
        expect(await catalog.queries.listBlobs({ limit: 9 })).toEqual([]);
      });
    });

    describe('pushes beside deletions', () => {
      it('learn whether anybody has what is there', async () => {
        const isUsed = async (what: string) => (await catalog.queries.findDeletion(digest(what))).isUsed;
        await upload('layer');
        await push('image', 'layer');
        await upload('blob');
        const used = [await isUsed('layer'), await isUsed('image'), await isUsed('blob'), await isUsed('none')];
        expect(used).toEqual([true, true, true, false]);
        await catalog.run('deleteBlob', { ...at(), repository, digest: digest('blob') });
        expect(await isUsed('blob')).toBe(false);
      });

      it('publish again while the blob is being deleted, and change nothing until then', async () => {
        await upload('blob');
        await begin([digest('blob')]);
        const { seen } = await catalog.queries.findDeletion(digest('blob'));
        expect(await upload('blob', LATER, seen)).toEqual({ kind: 'again' });
        expect(await catalog.queries.findBlob(repository, digest('blob'))).toBeUndefined();
        expect(await push('blob')).toEqual({ kind: 'again' });
        expect(await catalog.queries.findManifest(repository, digest('blob'))).toBeUndefined();
      });

      it('publish again where the blob was deleted since they looked, and leave no row', async () => {
        const { seen } = await catalog.queries.findDeletion(digest('blob'));
        await upload('blob');
        await begin([digest('blob')]);
        await catalog.run('endDeletions', { deletion: 'mine', digests: [digest('blob')] });
        expect(await upload('blob', LATER, seen)).toEqual({ kind: 'again' });
        expect(await catalog.run('putManifest', { ...manifest('blob'), seen })).toEqual({ kind: 'again' });
        expect(await catalog.queries.findContent(digest('blob'))).toBeUndefined();
        const again = await catalog.queries.findDeletion(digest('blob'));
        expect(await upload('blob', LATER, again.seen)).toEqual({ kind: 'finished' });
      });

      it('refuse a manifest whose blob is being deleted', async () => {
        await upload('layer');
        await begin([digest('layer')]);
        expect(await push('image', 'layer')).toEqual({ kind: 'missing', digests: [digest('layer')] });
      });

      it('leave nothing of a session that was lost', async () => {
        const session = { id: 'gone' as never, epoch: 1 };
        const args = { ...about(digest('blob')), sizeBytes: SIZE, session };
        expect(await catalog.run('finishUpload', args)).toEqual({ kind: 'lost' });
        expect(await catalog.queries.findContent(digest('blob'))).toBeUndefined();
      });

      it('keep the size that was counted, not one that was found', async () => {
        await catalog.run('adoptOrphans', { orphans: [{ digest: digest('blob'), sizeBytes: 1 }], nowMs: 1 });
        await upload('blob');
        expect(await catalog.queries.findBlob(repository, digest('blob'))).toEqual({ sizeBytes: SIZE });
      });
    });

    it('adopts orphans as candidates of nobody, and leaves what it knows', async () => {
      await putBlob(catalog, repository, 'known');
      const orphans = [digest('known'), digest('orphan')].map((each) => ({ digest: each, sizeBytes: 5 }));
      expect(await catalog.run('adoptOrphans', { orphans, nowMs: 4000 })).toBe(1);
      expect(await found(digest('orphan'))).toEqual({
        digest: digest('orphan'),
        sizeBytes: 5,
        sinceMs: 4000,
        repository: undefined,
        isReferenced: false,
        leasedUntilMs: 0,
      });
    });

    it('explains what keeps a blob', async () => {
      await upload('layer', 5000);
      expect(await catalog.queries.findBlobUse(digest('layer'), 9)).toEqual({
        sizeBytes: SIZE,
        createdMs: NOW,
        deletingMs: undefined,
        candidateMs: NOW,
        leases: [{ repository, untilMs: 5000 }],
        references: [],
      });
      const { tags, ...tagged } = { ...manifest('image', 'layer'), tags: ['v1', 'latest'] as never };
      await catalog.run('putManifest', { ...tagged, tags });
      await push('untagged', 'layer');
      const use = await catalog.queries.findBlobUse(digest('layer'), 9);
      expect(use?.leases).toEqual([]);
      expect(use?.references).toEqual(
        [
          { repository, manifest: digest('image'), tag: 'latest' },
          { repository, manifest: digest('untagged'), tag: undefined },
        ].toSorted((a, b) => (a.manifest < b.manifest ? -1 : 1)),
      );
      expect((await catalog.queries.findBlobUse(digest('layer'), 1))?.references).toHaveLength(1);
      expect(await catalog.queries.findBlobUse(digest('never'), 1)).toBeUndefined();
    });

    it('remembers runs, the newest first, and forgets old ones', async () => {
      const run = (id: string, startedMs: number, finishedMs?: number) => ({ id, startedMs, finishedMs, report: id });
      await catalog.run('recordGcRun', { run: run('old', 1, 2), forgetMs: 0 });
      await catalog.run('recordGcRun', { run: run('first', 10), forgetMs: 5 });
      await catalog.run('recordGcRun', { run: run('second', 20), forgetMs: 5 });
      await catalog.run('recordGcRun', { run: run('first', 10, 15), forgetMs: 5 });
      expect(await catalog.queries.listGcRuns(9)).toEqual([run('second', 20), run('first', 10, 15)]);
    });
  });
}
