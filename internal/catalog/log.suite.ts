import { afterAll, beforeEach, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { at, digest, freshRepository, manifestArgs, putBlob, tag, type OpenCatalog } from './fixtures.suite.ts';
import type { Catalog } from './types.ts';

export function describeLog(open: OpenCatalog): void {
  describe('the log of changes', () => {
    let catalog: Catalog;
    beforeEach(async () => void (catalog = await open()));
    afterEach(() => catalog.close());

    it('shows a row only when it is sealed', async () => {
      await putBlob(catalog, freshRepository(), 'a');
      expect(await catalog.queries.listChanges({ limit: 10 })).toEqual([]);
      expect(await catalog.run('sealChanges', { nowMs: 1, limit: 10 })).toEqual({ sealed: 1, last: 1 });
      expect(await catalog.queries.listChanges({ limit: 10 })).toHaveLength(1);
    });

    it('tells who did what, when, from where and in which request', async () => {
      const repository = freshRepository();
      const by = { principal: 'bob', address: '2001:db8::1', requestId: 'request-9' };
      await catalog.run('putManifest', manifestArgs(repository, 'image', { by, nowMs: 777, tags: [tag('v1')] }));
      await catalog.run('sealChanges', { nowMs: 1000, limit: 10 });
      const common = { timeMs: 777, repository, by, from: undefined, result: 'done', detail: undefined };
      expect(await catalog.queries.listChanges({ limit: 10 })).toMatchObject([
        { ...common, sequence: 1, action: 'manifest.put', name: digest('image'), to: undefined },
        { ...common, sequence: 2, action: 'tag.put', name: 'v1', to: digest('image') },
      ]);
    });

    it('tells of what is no content too, with its result and what there is to tell of it', async () => {
      const repository = freshRepository();
      const detail = { route: '/v2/{name}/blobs/uploads/', count: 3 };
      await catalog.run('recordEvents', {
        events: [
          { ...at(5), action: 'user.create', name: 'bob' },
          { ...at(6, 'bob'), action: 'access.push', name: 'v1', repository, result: 'denied', detail },
        ],
      });
      await catalog.run('sealChanges', { nowMs: 1000, limit: 10 });
      const common = { from: undefined, to: undefined, hash: expect.any(String) };
      expect(await catalog.queries.listChanges({ limit: 10 })).toEqual([
        {
          ...common,
          sequence: 1,
          timeMs: 5,
          action: 'user.create',
          repository: undefined,
          name: 'bob',
          result: 'done',
          detail: undefined,
          by: at().by,
        },
        {
          ...common,
          sequence: 2,
          timeMs: 6,
          action: 'access.push',
          repository,
          name: 'v1',
          result: 'denied',
          detail: JSON.stringify(detail),
          by: { ...at().by, principal: 'bob' },
        },
      ]);
    });

    it('numbers without a gap, in the order of commits, over batches of any size', async () => {
      const repository = freshRepository();
      const whats = Array.from({ length: 10 }, (_, i) => `blob ${i}`);
      for (const what of whats.slice(0, 6)) await putBlob(catalog, repository, what);
      const sealed = [];
      for (const limit of [1, 3, 5]) sealed.push(await catalog.run('sealChanges', { nowMs: 1, limit }));
      for (const what of whats.slice(6)) await putBlob(catalog, repository, what);
      sealed.push(await catalog.run('sealChanges', { nowMs: 2, limit: 100 }));
      sealed.push(await catalog.run('sealChanges', { nowMs: 3, limit: 100 }));
      expect(sealed).toEqual([
        { sealed: 1, last: 1 },
        { sealed: 3, last: 4 },
        { sealed: 2, last: 6 },
        { sealed: 4, last: 10 },
        { sealed: 0, last: 10 },
      ]);
      const changes = await catalog.queries.listChanges({ limit: 100 });
      expect(changes.map(({ sequence, name }) => [sequence, name])).toEqual(
        whats.map((what, i) => [i + 1, digest(what)]),
      );
    });

    it('is read on from any number', async () => {
      for (const what of ['a', 'b', 'c', 'd']) await putBlob(catalog, freshRepository(), what);
      await catalog.run('sealChanges', { nowMs: 1, limit: 10 });
      const page = await catalog.queries.listChanges({ after: 1, limit: 2 });
      expect(page.map(({ sequence }) => sequence)).toEqual([2, 3]);
      expect(await catalog.queries.listChanges({ after: 4, limit: 2 })).toEqual([]);
    });
  });

  describe('cursors and moves of tags', () => {
    let catalog: Catalog;
    beforeAll(async () => void (catalog = await open()));
    afterAll(() => catalog.close());

    it('moves a cursor forward and never back', async () => {
      expect(await catalog.queries.findCursor('records')).toBe(0);
      await catalog.run('moveCursor', { name: 'records', sequence: 7 });
      await catalog.run('moveCursor', { name: 'records', sequence: 5 });
      await catalog.run('moveCursor', { name: 'others', sequence: 2 });
      expect(await catalog.queries.findCursor('records')).toBe(7);
    });

    it('lists the moves of one tag, newest first, also those not sealed yet and those of one millisecond', async () => {
      const repository = freshRepository();
      for (const what of ['1', '2', '3', '4']) {
        await catalog.run('putManifest', manifestArgs(repository, what, { tags: [tag('v')], nowMs: 5 }));
        await catalog.run('putManifest', manifestArgs(repository, what, { tags: [tag('other')], nowMs: 5 }));
      }
      await catalog.run('deleteManifest', { ...manifestArgs(repository, '4'), nowMs: 6 });
      const steps: unknown[] = [];
      let after: number | undefined;
      for (
        let page;
        (page = await catalog.queries.listTagMoves(repository, tag('v'), { after, limit: 2 })).length > 0;
      ) {
        steps.push(...page.map(({ timeMs, from, to }) => [timeMs, from, to]));
        after = page.at(-1)?.id;
      }
      expect(steps).toEqual([
        [6, digest('4'), undefined],
        [5, digest('3'), digest('4')],
        [5, digest('2'), digest('3')],
        [5, digest('1'), digest('2')],
        [5, undefined, digest('1')],
      ]);
    });
  });
}
