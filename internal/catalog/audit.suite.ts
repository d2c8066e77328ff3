import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { at, digest, freshRepository, putBlob, SIZE, type OpenCatalog } from './fixtures.suite.ts';
import { hashBatch, hashChange, toHashed } from './log-hash.ts';
import type { AuditFilter, AuditRow, Catalog } from './types.ts';

export function describeAudit(open: OpenCatalog): void {
  describe('the list of an audit', () => {
    let catalog: Catalog;
    beforeEach(async () => void (catalog = await open()));
    afterEach(() => catalog.close());

    const MINE = freshRepository();
    const OTHER = freshRepository();

    /** Ten changes of content and ten denials, by turns and by two people, a millisecond apart from 100 on. */
    async function live(): Promise<void> {
      for (let turn = 0; turn < 10; turn += 1) {
        const by = at(100 + 2 * turn, turn % 2 === 0 ? 'alice' : 'bob');
        const repository = turn < 5 ? MINE : OTHER;
        const put = { ...by, repository, digest: digest(`blob ${turn}`), sizeBytes: SIZE };
        await catalog.run('finishUpload', put);
        const denied = { action: 'access.push', name: `try ${turn}`, repository, result: 'denied' } as const;
        await catalog.run('recordEvents', { events: [{ ...by, nowMs: by.nowMs + 1, ...denied }] });
      }
    }

    async function list(filter: AuditFilter, limit = 3): Promise<readonly AuditRow[]> {
      const found: AuditRow[] = [];
      let after;
      do {
        const page = await catalog.queries.listAudit(filter, { after, limit });
        expect(page.rows.length).toBeLessThanOrEqual(limit);
        found.push(...page.rows);
        after = page.next;
      } while (after);
      return found;
    }

    it.each<readonly [AuditFilter, readonly number[]]>([
      [{}, Array.from({ length: 20 }, (_, i) => 100 + i)],
      [{ principal: 'alice' }, [100, 101, 104, 105, 108, 109, 112, 113, 116, 117]],
      [{ repository: MINE, result: 'denied' }, [101, 103, 105, 107, 109]],
      [{ action: 'blob.put', principal: 'bob' }, [102, 106, 110, 114, 118]],
      [{ action: 'access.push' }, [101, 103, 105, 107, 109, 111, 113, 115, 117, 119]],
      [{ sinceMs: 105, untilMs: 109 }, [105, 106, 107, 108]],
      [{ result: 'denied', sinceMs: 105, untilMs: 109 }, [105, 107]],
      [{ repository: MINE, principal: 'bob', action: 'access.push', result: 'denied' }, [103, 107]],
      [{ action: 'user.delete' }, []],
      [{ principal: 'nobody\0' }, []],
    ])('has what passes %j, the newest first, over pages of any size', async (filter, times) => {
      await live();
      for (const limit of [1, 3, 100]) {
        expect((await list(filter, limit)).map(({ timeMs }) => timeMs)).toEqual(times.toReversed());
      }
    });

    it('tells entries of one moment apart, and has those that are not sealed yet', async () => {
      const repository = freshRepository();
      for (const what of ['a', 'b', 'c']) await putBlob(catalog, repository, what);
      await catalog.run('sealChanges', { nowMs: 1, limit: 2 });
      const found = await list({}, 1);
      expect(found.map(({ name, sequence }) => [name, sequence])).toEqual([
        [digest('c'), undefined],
        [digest('b'), 2],
        [digest('a'), 1],
      ]);
    });

    it('looks through no more than a few thousand entries for one page, and goes on from there', async () => {
      const events = Array.from({ length: 6000 }, (_, i) => ({ ...at(i), action: 'signin', name: 'x' }) as const);
      await catalog.run('recordEvents', { events: [{ ...at(0), action: 'user.create', name: 'first' }, ...events] });
      const page = await catalog.queries.listAudit({ action: 'user.create' }, { limit: 10 });
      expect([page.rows, page.next]).toEqual([[], { timeMs: 1000, id: expect.any(Number) }]);
      expect((await list({ action: 'user.create' })).map(({ name }) => name)).toEqual(['first']);
    });
  });

  describe('the seals', () => {
    let catalog: Catalog;
    beforeEach(async () => void (catalog = await open()));
    afterEach(() => catalog.close());

    it('are hashed each onto the one before, over the entries as they are read, each of which has a hash of its own', async () => {
      const repository = freshRepository();
      for (const what of ['a', 'b', 'c']) await putBlob(catalog, repository, what);
      const event = { ...at(), action: 'signin', name: 'bob', result: 'denied', detail: { a: 1 } } as const;
      await catalog.run('recordEvents', { events: [event, event] });
      expect(await catalog.queries.countUnsealed()).toBe(5);
      await catalog.run('sealChanges', { nowMs: 1, limit: 2 });
      await catalog.run('sealChanges', { nowMs: 1, limit: 2 });
      expect(await catalog.queries.countUnsealed()).toBe(1);

      const rows = await catalog.queries.listChanges({ limit: 10 });
      const changes = rows.map(toHashed);
      const first = hashBatch('', changes.slice(0, 2));
      expect(await catalog.queries.listSeals({ limit: 10 })).toEqual([
        { first: 1, last: 2, hash: first },
        { first: 3, last: 4, hash: hashBatch(first, changes.slice(2)) },
      ]);
      expect(await catalog.queries.listSeals({ after: 2, limit: 10 })).toHaveLength(1);
      expect(changes.map(hashChange)).toEqual(rows.map(({ hash }) => hash));
    });
  });
}
