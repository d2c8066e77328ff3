import { describe, expect, it } from '@jest/globals';
import { askPostgres } from '../../testing/postgres.ts';
import { at, digest, freshRepository, manifestArgs, putBlob, SIZE, tag } from '../fixtures.suite.ts';
import { hashBatch, toHashed } from '../log-hash.ts';
import { call, untilBlocked, type Call, type Stage } from './race.suite.ts';

export function describeSealer(stage: Stage): void {
  describe('the sealer beside commands', () => {
    const seal = (): Call => call('sealChanges', { nowMs: 1, limit: 1000 });

    async function expectDense(from: number): Promise<readonly string[]> {
      while ((await stage.catalog.run('sealChanges', { nowMs: 1, limit: 1000 })).sealed > 0);
      const changes = await stage.catalog.queries.listChanges({ after: from, limit: 1000 });
      expect(changes.map(({ sequence }) => sequence)).toEqual(changes.map((_, index) => from + 1 + index));
      return changes.map(({ name }) => name);
    }
    async function lastSequence(): Promise<number> {
      for (;;) {
        const { sealed, last } = await stage.catalog.run('sealChanges', { nowMs: 1, limit: 1000 });
        if (sealed === 0) return last;
      }
    }

    it('numbers what is committed late, although its row is older', async () => {
      const from = await lastSequence();
      const late = { ...at(), repository: freshRepository(), digest: digest('late'), sizeBytes: SIZE };
      const commit = await stage.track.stopAtCommit(call('finishUpload', late));
      await putBlob(stage.catalog, freshRepository(), 'early');
      expect(await stage.catalog.run('sealChanges', { nowMs: 1, limit: 10 })).toMatchObject({ sealed: 1 });
      await commit();
      expect(await stage.catalog.run('sealChanges', { nowMs: 1, limit: 10 })).toMatchObject({ sealed: 1 });
      expect(await expectDense(from)).toEqual([digest('early'), digest('late')]);
      const [ids] = await askPostgres(
        stage.url,
        `select max(id) filter (where name = '${digest('late')}') < max(id) filter (where name = '${digest('early')}') as older from changes`,
      );
      expect(ids).toEqual({ older: true });
    });

    it('waits for another sealer, and goes on from its seal, although it saw more', async () => {
      const from = await lastSequence();
      await putBlob(stage.catalog, freshRepository(), 'a');
      const commit = await stage.track.stopAtCommit(seal());
      await putBlob(stage.catalog, freshRepository(), 'b');
      const other = stage.catalog.run('sealChanges', { nowMs: 1, limit: 10 });
      await untilBlocked(stage.url);
      expect(await commit()).toEqual({ sealed: 1, last: from + 1 });
      expect(await other).toEqual({ sealed: 1, last: from + 2 });
      await expectSealsHold();
    });

    it.each([
      [
        'a push',
        (): Call => call('putManifest', manifestArgs(freshRepository(), 'image', { tags: [tag('v1'), tag('v2')] })),
        3,
      ],
      ['another sealer', seal, 0],
    ])('leaves no gap and gives no number twice beside %s, however they meet', async (_, other, more) => {
      for (let stopAfter = 0, steps = 1; stopAfter <= steps; stopAfter += 1) {
        for (const otherFirst of [true, false]) {
          const from = await lastSequence();
          const names = ['a', 'b', 'c'];
          for (const name of names) await putBlob(stage.catalog, freshRepository(), name);
          const calls = otherFirst ? ([other(), seal()] as const) : ([seal(), other()] as const);
          steps = Math.max(stopAfter, (await stage.track.race(...calls, stopAfter)).steps);
          expect(await expectDense(from)).toHaveLength(names.length + more);
        }
      }
      await expectSealsHold();
    });

    /** Every batch goes on where the one before ended, and its hash is that of its rows and of the batch before. */
    async function expectSealsHold(): Promise<void> {
      const seals = await askPostgres(
        stage.url,
        'select first_sequence::int, last_sequence::int, hash from seals order by 2',
      );
      const changes = await stage.catalog.queries.listChanges({ limit: 1_000_000 });
      let [last, hash] = [0, ''];
      for (const each of seals) {
        expect(each['first_sequence']).toBe(last + 1);
        const batch = changes.slice(last, Number(each['last_sequence']));
        hash = hashBatch(hash, batch.map(toHashed));
        expect(each['hash']).toBe(hash);
        last = Number(each['last_sequence']);
      }
      expect(last).toBe(changes.length);
    }
  });
}
