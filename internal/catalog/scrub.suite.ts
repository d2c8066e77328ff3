import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RepositoryName } from '../../pkg/oci/index.ts';
import { at, digest, freshRepository, manifestArgs, putBlob, SIZE, tag, type OpenCatalog } from './fixtures.suite.ts';
import type { Catalog, CommandResult, DamageKind } from './types.ts';

const FOUND = 5000;

export function describeScrub(open: OpenCatalog): void {
  describe('quarantine', () => {
    let catalog: Catalog;
    let repository: RepositoryName;
    beforeEach(async () => {
      catalog = await open();
      repository = freshRepository();
    });
    afterEach(() => catalog.close());

    const quarantine = (what: string, nowMs = FOUND, problem: DamageKind = 'wrong content') =>
      catalog.run('quarantine', { ...at(nowMs, 'scrub'), digest: digest(what), problem });
    const listed = async () => (await catalog.queries.listQuarantine({ limit: 10 })).map((each) => each.digest);
    const upload = (
      what: string,
      more: { seen?: number; replaced?: boolean } = {},
    ): Promise<CommandResult<'finishUpload'>> =>
      catalog.run('finishUpload', { ...at(), repository, digest: digest(what), sizeBytes: SIZE, ...more });
    const image = (what: string, ...blobs: readonly string[]) =>
      manifestArgs(repository, what, { blobs: blobs.map((each) => ({ digest: digest(each), sizeBytes: SIZE })) });
    const events = async () => {
      while ((await catalog.run('sealChanges', { nowMs: 1, limit: 100 })).sealed > 0);
      const changes = await catalog.queries.listChanges({ limit: 100 });
      return changes
        .filter(({ action }) => action === 'blob.quarantine' || action === 'blob.mend')
        .map(({ action, name, by }) => `${action} ${name === digest('layer') ? 'layer' : name} by ${by.principal}`);
    };

    it('lists what is in it, with what was found', async () => {
      await putBlob(catalog, repository, 'layer');
      expect(await quarantine('layer')).toEqual({ kind: 'quarantined', foundMs: FOUND });
      expect(await catalog.queries.listQuarantine({ limit: 10 })).toEqual([
        { digest: digest('layer'), sizeBytes: SIZE, problem: 'wrong content', foundMs: FOUND },
      ]);
      expect((await catalog.queries.totals()).quarantined).toBe(1);
    });

    it('knows what was found before, and what is not there', async () => {
      await putBlob(catalog, repository, 'layer');
      await quarantine('layer');
      expect(await quarantine('layer', FOUND + 1)).toEqual({ kind: 'known', foundMs: FOUND });
      expect(await quarantine('never pushed')).toEqual({ kind: 'gone' });
    });

    it('takes nothing that is being deleted, and lets go of what is deleted', async () => {
      await putBlob(catalog, repository, 'layer');
      await putBlob(catalog, repository, 'other');
      await quarantine('layer');
      const digests = [digest('layer'), digest('other')];
      await catalog.run('beginDeletions', { ...at(9000), deletion: 'd', digests, beforeMs: 9000 });
      expect(await quarantine('other')).toEqual({ kind: 'gone' });
      expect(await listed()).toEqual([]);
      await catalog.run('endDeletions', { deletion: 'd', digests });
      await putBlob(catalog, repository, 'layer');
      expect(await catalog.queries.findBlob(repository, digest('layer'))).toEqual({ sizeBytes: SIZE });
    });

    it('says so wherever blobs and manifests are looked up', async () => {
      await putBlob(catalog, repository, 'layer');
      await catalog.run('putManifest', { ...image('image', 'layer'), tags: [tag('v1')] });
      for (const what of ['layer', 'image']) await quarantine(what);
      const { queries } = catalog;
      const damage = 'wrong content';
      expect(await queries.findBlob(repository, digest('layer'))).toEqual({ sizeBytes: SIZE, damage });
      expect(await queries.findHeldBlob(repository, digest('layer'))).toMatchObject({ sizeBytes: SIZE, damage });
      expect(await queries.findManifest(repository, digest('image'))).toMatchObject({ sizeBytes: SIZE, damage });
      expect(await queries.findTag(repository, tag('v1'))).toMatchObject({ digest: digest('image'), damage });
      expect(await queries.findDeletion(digest('layer'))).toMatchObject({ damage });
    });

    it('gives nothing to mounts, new manifests and leases', async () => {
      await putBlob(catalog, repository, 'layer');
      await quarantine('layer');
      const mount = { ...at(), repository: freshRepository(), from: repository, digest: digest('layer') };
      expect(await catalog.run('mountBlob', mount)).toEqual({ kind: 'absent' });
      expect(await catalog.run('putManifest', image('image', 'layer'))).toEqual({
        kind: 'missing',
        digests: [digest('layer')],
      });
      const lease = { repository, digest: digest('layer'), nowMs: 1, untilMs: 2 };
      expect(await catalog.run('extendLease', lease)).toBe(false);
    });

    it('ends with an upload that replaced what was there, and with no other', async () => {
      await putBlob(catalog, repository, 'layer');
      await quarantine('layer');
      expect(await upload('layer', { seen: 0 })).toEqual({ kind: 'again' });
      expect(await listed()).toEqual([digest('layer')]);
      expect(await upload('layer', { seen: 0, replaced: true })).toEqual({ kind: 'finished' });
      expect(await listed()).toEqual([]);
      expect(await events()).toEqual(['blob.quarantine layer by scrub', 'blob.mend layer by alice']);
    });

    it('ends with a manifest that is put in place of what was there', async () => {
      await catalog.run('putManifest', image('image'));
      await quarantine('image');
      expect(await catalog.run('putManifest', { ...image('image'), seen: 0 })).toEqual({ kind: 'again' });
      await catalog.run('putManifest', { ...image('image'), seen: 0, replaced: true });
      expect(await listed()).toEqual([]);
    });

    it('is lifted only as it was found', async () => {
      await putBlob(catalog, repository, 'layer');
      await quarantine('layer');
      const lift = (foundMs: number) => catalog.run('liftQuarantine', { ...at(), digest: digest('layer'), foundMs });
      expect(await lift(FOUND - 1)).toBe(false);
      expect(await lift(FOUND)).toBe(true);
      expect(await lift(FOUND)).toBe(false);
      expect(await catalog.queries.findBlob(repository, digest('layer'))).toEqual({ sizeBytes: SIZE });
    });

    it('pages by digest', async () => {
      for (const what of ['a', 'b', 'c']) await putBlob(catalog, repository, what);
      for (const what of ['a', 'b', 'c']) await quarantine(what);
      const all = ['a', 'b', 'c'].map(digest).toSorted();
      const [first, ...more] = await catalog.queries.listQuarantine({ limit: 1 });
      expect([first?.digest, more]).toEqual([all[0], []]);
      const rest = await catalog.queries.listQuarantine({ after: all[0], limit: 10 });
      expect(rest.map((each) => each.digest)).toEqual(all.slice(1));
    });
  });

  describe('what damaged content hurts', () => {
    let catalog: Catalog;
    let repository: RepositoryName;
    beforeEach(async () => {
      catalog = await open();
      repository = freshRepository();
    });
    afterEach(() => catalog.close());

    const hurt = async (what: string, most = 100) =>
      (await catalog.queries.listHurt(digest(what), most)).map(
        (each) => `${each.repository === repository ? '' : `${each.repository} `}${nameOf(each.manifest)} ${each.tag}`,
      );
    const nameOf = (of: string) => ['image', 'index', 'outer', 'other'].find((what) => digest(what) === of);
    const blobs = [{ digest: digest('layer'), sizeBytes: SIZE }];

    it('is every tag of the manifests that name it, in every repository', async () => {
      const second = freshRepository();
      for (const name of [repository, second]) {
        await putBlob(catalog, name, 'layer');
        await catalog.run('putManifest', manifestArgs(name, 'image', { blobs, tags: [tag('v1'), tag('v2')] }));
      }
      await catalog.run('putManifest', manifestArgs(repository, 'other', { tags: [tag('sound')] }));
      expect((await hurt('layer')).toSorted()).toEqual(
        ['image v1', 'image v2', `${second} image v1`, `${second} image v2`].toSorted(),
      );
      expect(await hurt('layer', 1)).toHaveLength(1);
    });

    it('is a manifest that is damaged itself, also without a tag', async () => {
      await catalog.run('putManifest', manifestArgs(repository, 'image'));
      expect(await hurt('image')).toEqual(['image undefined']);
    });

    it('is an index that the manifest is part of, and one of that index', async () => {
      await putBlob(catalog, repository, 'layer');
      await catalog.run('putManifest', manifestArgs(repository, 'image', { blobs }));
      const index = { children: [digest('image')], tags: [tag('multi')] };
      await catalog.run('putManifest', manifestArgs(repository, 'index', index));
      await catalog.run('putManifest', manifestArgs(repository, 'outer', { children: [digest('index')] }));
      expect((await hurt('layer')).toSorted()).toEqual(['image undefined', 'index multi', 'outer undefined']);
    });
  });

  describe('passes of the scrub', () => {
    it('are listed newest first as they were last noted, and forgotten', async () => {
      const catalog = await open();
      const note = (id: string, startedMs: number, finishedMs?: number, forgetMs = 0) =>
        catalog.run('recordScrubRun', { run: { id, startedMs, finishedMs, report: `of ${id}` }, forgetMs });
      await note('a', 1);
      await note('b', 2);
      await note('a', 1, 9);
      expect(await catalog.queries.listScrubRuns(10)).toEqual([
        { id: 'b', startedMs: 2, finishedMs: undefined, report: 'of b' },
        { id: 'a', startedMs: 1, finishedMs: 9, report: 'of a' },
      ]);
      await note('c', 3, 4, 2);
      expect((await catalog.queries.listScrubRuns(10)).map(({ id }) => id)).toEqual(['c', 'b']);
      await catalog.close();
    });

    it('can look at only what came since a time', async () => {
      const catalog = await open();
      const repository = freshRepository();
      await putBlob(catalog, repository, 'old');
      await catalog.run('finishUpload', { ...at(7000), repository, digest: digest('new'), sizeBytes: SIZE });
      expect(await catalog.queries.listBlobs({ limit: 10, sinceMs: 7000 })).toEqual([
        { digest: digest('new'), sizeBytes: SIZE },
      ]);
      await catalog.close();
    });
  });
}
