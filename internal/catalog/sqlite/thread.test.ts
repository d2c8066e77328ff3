import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { at, digest, freshRepository, putBlob, SIZE } from '../fixtures.suite.ts';
import type { Catalog, CommandArgs } from '../types.ts';
import { openFileCatalog } from './catalog.ts';

// Threads and processes start slowly on a machine that is busy with other tests.
jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'catalog-thread-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

describe('the writer thread', () => {
  let path: string;
  let catalog: Catalog;
  beforeEach(async () => {
    path = join(folder, `${++files}.db`);
    catalog = await openFileCatalog({ path, durability: 'full' });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await catalog.close();
  });

  it('shows a change to queries as soon as the command is answered', async () => {
    const repository = freshRepository();
    for (let i = 0; i < 50; i += 1) {
      await putBlob(catalog, repository, `blob ${i}`);
      expect(await catalog.queries.findBlob(repository, digest(`blob ${i}`))).toBeDefined();
    }
  });

  it('answers commands in the order in which they were asked', async () => {
    const sequences = Array.from({ length: 500 }, (_, i) => i + 1);
    const order: number[] = [];
    await Promise.all(
      sequences.map(async (sequence) => {
        await catalog.run('moveCursor', { name: 'order', sequence });
        order.push(sequence);
      }),
    );
    expect(order).toEqual(sequences);
  });

  it('fails one command that throws, and nobody else’s', async () => {
    const repository = freshRepository();
    const faulty = { ...at(), repository, digest: digest('x'), sizeBytes: undefined } as unknown;
    const results = await Promise.allSettled([
      putBlob(catalog, repository, 'before'),
      catalog.run('finishUpload', faulty as CommandArgs<'finishUpload'>),
      putBlob(catalog, repository, 'after'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { name: 'CatalogError', failure: 'broken' } });
  });

  it('refuses what is not plain data, and serves on', async () => {
    const faulty = { name: 'x', sequence: () => 1 } as unknown as CommandArgs<'moveCursor'>;
    await expect(catalog.run('moveCursor', faulty)).rejects.toThrow('could not be cloned');
    await catalog.run('moveCursor', { name: 'x', sequence: 1 });
    expect(await catalog.queries.findCursor('x')).toBe(1);
  });

  it('fails what waits for it when it dies, and another takes its place', async () => {
    const repository = freshRepository();
    const posts = jest.spyOn(Worker.prototype, 'postMessage');
    const lost = putBlob(catalog, repository, 'lost');
    const worker = posts.mock.contexts[0] as Worker;
    const [ended] = await Promise.allSettled([lost, worker.terminate()]);
    expect(ended).toMatchObject({ status: 'rejected', reason: { name: 'CatalogError', failure: 'broken' } });
    await catalog.check();
    await putBlob(catalog, repository, 'next');
    expect(await catalog.queries.findBlob(repository, digest('next'))).toEqual({ sizeBytes: SIZE });
  });

  it('finishes what waits when it is closed, and leaves a single file', async () => {
    const repository = freshRepository();
    const waiting = Array.from({ length: 300 }, (_, i) => putBlob(catalog, repository, `blob ${i}`));
    await Promise.all([catalog.close(), ...waiting]);
    expect(existsSync(`${path}-wal`)).toBe(false);
    const again = await openFileCatalog({ path, durability: 'full' });
    expect((await again.queries.totals()).blobBytes).toBe(300 * SIZE);
    await again.close();
  });

  it('takes nothing more when it is closed, and may be closed twice', async () => {
    await catalog.close();
    await catalog.close();
    const closed = expect.objectContaining({ name: 'CatalogError', failure: 'broken' });
    await expect(putBlob(catalog, freshRepository(), 'late')).rejects.toEqual(closed);
    await expect(catalog.check()).rejects.toEqual(closed);
    await expect(catalog.queries.findCursor('x')).rejects.toEqual(closed);
    await expect(catalog.queries.totals()).rejects.toEqual(closed);
  });
});

describe('two processes’ writer threads on one file', () => {
  it('serve 64 parallel writers without a busy error, lose nothing, and keep the log bounded', async () => {
    const path = join(folder, `${++files}.db`);
    const catalogs = await Promise.all([1, 2].map(() => openFileCatalog({ path, durability: 'os' })));
    const repository = freshRepository();
    const COMMANDS = 12_000;
    let next = 0;
    const write = async (catalog: Catalog) => {
      while (next < COMMANDS) await putBlob(catalog, repository, `blob ${next++}`);
    };
    await Promise.all(Array.from({ length: 64 }, (_, i) => write(catalogs[i % 2]!)));

    const [first, second] = catalogs as [Catalog, Catalog];
    expect(statSync(`${path}-wal`).size).toBeLessThan(128 * 2 ** 20);
    expect((await second.queries.totals()).blobBytes).toBe(COMMANDS * SIZE);
    expect(await first.run('sealChanges', { nowMs: 1, limit: 2 * COMMANDS })).toEqual({
      sealed: COMMANDS,
      last: COMMANDS,
    });
    await Promise.all(catalogs.map((catalog) => catalog.close()));
  });
});
