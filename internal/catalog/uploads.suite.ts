import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { UploadId } from '../../pkg/oci/index.ts';
import { at, digest, freshRepository, freshUploadId, putBlob, SIZE, type OpenCatalog } from './fixtures.suite.ts';
import type { Catalog, CommandArgs } from './types.ts';

const LIMITS = { limitEach: 1000, limitAll: 1000 };

export function describeUploads(open: OpenCatalog): void {
  describe('upload sessions', () => {
    let catalog: Catalog;
    beforeAll(async () => void (catalog = await open()));
    afterAll(() => catalog.close());

    const repository = freshRepository();

    async function begin(nowMs = 0): Promise<UploadId> {
      const id = freshUploadId();
      await catalog.run('createUpload', { ...at(nowMs), id, repository, algorithm: 'sha256', ...LIMITS });
      return id;
    }
    const claim = (id: UploadId, more: Partial<CommandArgs<'claimUpload'>> = {}) =>
      catalog.run('claimUpload', { ...at(1000), id, repository, untilMs: 2000, ...more });
    async function claimed(id: UploadId, more: Partial<CommandArgs<'claimUpload'>> = {}): Promise<number> {
      const result = await claim(id, more);
      if (result.kind !== 'claimed') throw new Error(`the claim was ${result.kind}`);
      return result.epoch;
    }
    const advance = (id: UploadId, epoch: number, offsetBytes: number, nowMs = 1500) =>
      catalog.run('advanceUpload', { id, epoch, nowMs, offsetBytes, digest: digest('so far'), state: 'opaque' });
    const finish = (id: UploadId, epoch: number, what: string) =>
      catalog.run('finishUpload', {
        ...at(),
        session: { id, epoch },
        repository,
        digest: digest(what),
        sizeBytes: SIZE,
      });

    it('begin at nothing', async () => {
      const id = await begin();
      const row = { id, repository, principal: 'alice', algorithm: 'sha256', offsetBytes: 0 };
      const fresh = { digest: undefined, state: undefined, epoch: 0 };
      expect(await catalog.queries.findUpload(id)).toEqual({ ...row, ...fresh });
      expect(await catalog.queries.findUpload(freshUploadId())).toBeUndefined();
    });

    it('make no repository by themselves', async () => {
      const elsewhere = freshRepository();
      const id = freshUploadId();
      await catalog.run('createUpload', { ...at(), id, repository: elsewhere, algorithm: 'sha512', ...LIMITS });
      expect(await catalog.queries.hasRepository(elsewhere)).toBe(false);
    });

    it('are limited for each principal and in all', async () => {
      const fresh = await open();
      const create = (principal: string, limits: Partial<typeof LIMITS>) =>
        fresh.run('createUpload', {
          ...at(0, principal),
          id: freshUploadId(),
          repository,
          algorithm: 'sha256',
          ...LIMITS,
          ...limits,
        });
      try {
        const kinds = [];
        for (const principal of ['a', 'a', 'a', 'b']) kinds.push((await create(principal, { limitEach: 2 })).kind);
        kinds.push((await create('c', { limitAll: 3 })).kind, (await create('c', { limitAll: 4 })).kind);
        expect(kinds).toEqual(['created', 'created', 'tooMany', 'created', 'tooMany', 'created']);
      } finally {
        await fresh.close();
      }
    });

    describe('claims', () => {
      it('give the position that was reached', async () => {
        const id = await begin();
        await advance(id, await claimed(id), 40);
        const result = await claim(id, { offsetBytes: 40 });
        const upload = { offsetBytes: 40, digest: digest('so far'), state: 'opaque' };
        expect(result).toMatchObject({ kind: 'claimed', upload });
      });

      it('are refused with the durable position while another holds one', async () => {
        const id = await begin();
        await claimed(id);
        expect(await claim(id)).toMatchObject({ kind: 'refused', upload: { offsetBytes: 0 } });
      });

      it('go to one of many that ask at once', async () => {
        const id = await begin();
        const results = await Promise.all(Array.from({ length: 10 }, () => claim(id, { offsetBytes: 0 })));
        expect(results.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
        expect(results.filter(({ kind }) => kind === 'refused')).toHaveLength(9);
      });

      it('are refused where the bytes start elsewhere, and leave the session free', async () => {
        const id = await begin();
        await advance(id, await claimed(id), 40);
        for (const offsetBytes of [0, 39, 41]) {
          expect(await claim(id, { offsetBytes })).toMatchObject({ kind: 'refused', upload: { offsetBytes: 40 } });
        }
        expect((await claim(id)).kind).toBe('claimed');
      });

      it('know nothing of a session of another repository or principal', async () => {
        const id = await begin();
        expect(await claim(id, { repository: freshRepository() })).toEqual({ kind: 'unknown' });
        expect(await claim(id, at(1000, 'mallory'))).toEqual({ kind: 'unknown' });
        expect(await claim(freshUploadId())).toEqual({ kind: 'unknown' });
      });

      it('pass on when they ran out, and the zombie changes nothing any more', async () => {
        const id = await begin();
        const zombie = await claimed(id, { untilMs: 2000 });
        expect((await claim(id, at(1999))).kind).toBe('refused');
        const heir = await claimed(id, { ...at(2000), untilMs: 3000 });
        expect(heir).toBeGreaterThan(zombie);
        expect(await catalog.run('renewUpload', { id, epoch: zombie, untilMs: 9000 })).toBe(false);
        expect(await advance(id, zombie, 999)).toBe(false);
        expect(await finish(id, zombie, 'by a zombie')).toEqual({ kind: 'lost' });
        expect(await catalog.queries.findBlob(repository, digest('by a zombie'))).toBeUndefined();
        expect(await catalog.queries.findUpload(id)).toMatchObject({ offsetBytes: 0 });
        expect(await advance(id, heir, 7)).toBe(true);
      });

      it('live on by signs of life', async () => {
        const id = await begin();
        const epoch = await claimed(id, { untilMs: 2000 });
        expect(await catalog.run('renewUpload', { id, epoch, untilMs: 5000 })).toBe(true);
        expect((await claim(id, at(4999))).kind).toBe('refused');
      });

      it('end with the position, after which the same epoch is nobody’s', async () => {
        const id = await begin();
        const epoch = await claimed(id);
        expect(await advance(id, epoch, 10)).toBe(true);
        expect(await advance(id, epoch, 20)).toBe(false);
        expect(await catalog.run('renewUpload', { id, epoch, untilMs: 9000 })).toBe(false);
        expect(await catalog.queries.findUpload(id)).toMatchObject({ offsetBytes: 10 });
      });
    });

    describe('ends', () => {
      it('with the blob', async () => {
        const id = await begin();
        expect(await finish(id, await claimed(id), 'uploaded')).toEqual({ kind: 'finished' });
        expect(await catalog.queries.findBlob(repository, digest('uploaded'))).toEqual({ sizeBytes: SIZE });
        expect(await catalog.queries.findUpload(id)).toBeUndefined();
        expect(await finish(id, 1, 'uploaded again')).toEqual({ kind: 'lost' });
        expect(await catalog.queries.findBlob(repository, digest('uploaded again'))).toBeUndefined();
      });

      it('with the blob also where the repository held it', async () => {
        await putBlob(catalog, repository, 'held before');
        const id = await begin();
        expect(await finish(id, await claimed(id), 'held before')).toEqual({ kind: 'finished' });
        expect(await catalog.queries.findUpload(id)).toBeUndefined();
      });

      it('not in another repository than its own', async () => {
        const id = await begin();
        const session = { id, epoch: await claimed(id) };
        const other = freshRepository();
        const args = { ...at(), session, repository: other, digest: digest('strayed'), sizeBytes: SIZE };
        expect(await catalog.run('finishUpload', args)).toEqual({ kind: 'lost' });
        expect(await catalog.queries.hasRepository(other)).toBe(false);
      });

      it('by cancelling, whoever holds the claim', async () => {
        const id = await begin();
        await advance(id, await claimed(id), 10);
        const epoch = await claimed(id);
        expect(await catalog.run('cancelUpload', { ...at(), id, repository })).toEqual({
          kind: 'cancelled',
          state: 'opaque',
        });
        expect(await finish(id, epoch, 'cancelled')).toEqual({ kind: 'lost' });
        expect(await catalog.run('cancelUpload', { ...at(), id, repository })).toEqual({ kind: 'unknown' });
      });

      it('not by a stranger, nor through another repository', async () => {
        const id = await begin();
        const stranger = { ...at(1, 'mallory'), id, repository };
        expect(await catalog.run('cancelUpload', stranger)).toEqual({ kind: 'unknown' });
        const elsewhere = { ...at(), id, repository: freshRepository() };
        expect(await catalog.run('cancelUpload', elsewhere)).toEqual({ kind: 'unknown' });
        expect(await catalog.queries.findUpload(id)).toBeDefined();
      });

      it('by age of the last byte, the oldest first, and never under a running claim', async () => {
        const fresh = await open();
        const create = async (nowMs: number) => {
          const id = freshUploadId();
          await fresh.run('createUpload', { ...at(nowMs), id, repository, algorithm: 'sha256', ...LIMITS });
          return id;
        };
        try {
          const [oldest, old, written, running, young] = [
            await create(10),
            await create(20),
            await create(5),
            await create(6),
            await create(100),
          ];
          const first = await fresh.run('claimUpload', { ...at(30), id: written, repository, untilMs: 200 });
          const epoch = first.kind === 'claimed' ? first.epoch : -1;
          const position = { offsetBytes: 9, digest: undefined, state: 'parts' };
          await fresh.run('advanceUpload', { id: written, epoch, nowMs: 99, ...position });
          await fresh.run('claimUpload', { ...at(50), id: running, repository, untilMs: 1000 });

          const expire = (beforeMs: number, nowMs: number, limit: number) =>
            fresh.run('expireUploads', { beforeMs, nowMs, limit });
          expect(await expire(99, 500, 1)).toEqual([{ id: oldest, state: undefined }]);
          expect(await expire(99, 500, 10)).toEqual([{ id: old, state: undefined }]);
          expect(await expire(99, 500, 10)).toEqual([]);
          expect(await expire(100, 500, 10)).toEqual([{ id: written, state: 'parts' }]);
          expect(await expire(100, 1000, 10)).toEqual([{ id: running, state: undefined }]);
          expect(await fresh.queries.findUpload(young)).toBeDefined();
        } finally {
          await fresh.close();
        }
      });
    });
  });
}
