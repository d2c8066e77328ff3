import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digest, freshRepository, putBlob, SIZE } from '../fixtures.suite.ts';
import { findBlob } from '../queries/blobs.ts';
import { drive } from '../step.ts';
import { openFileCatalog } from './catalog.ts';
import { openReader } from './open.ts';
import { createTurnReader } from './turn-reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'catalog-turn-'));
afterAll(() => rmSync(folder, { recursive: true }));

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A catalog with one blob, and a reader on its file that tells when it begins and ends. */
async function open(name: string) {
  const path = join(folder, name);
  const catalog = await openFileCatalog({ path, durability: 'os' });
  const repository = freshRepository();
  await putBlob(catalog, repository, 'first');
  const connection = openReader(path);
  const told: string[] = [];
  const exec = (sql: string): void => {
    told.push(sql);
    connection.exec(sql);
  };
  const reader = createTurnReader({ ...connection, exec });
  const has = (what: string): boolean => drive(findBlob(repository, digest(what)), reader.execute)?.sizeBytes === SIZE;
  return { catalog, repository, reader, told, has };
}

describe('a reader of turns', () => {
  it('begins once for all queries of a turn, and ends with it', async () => {
    const { catalog, reader, told, has } = await open('once.db');
    expect([has('first'), has('first'), has('none')]).toEqual([true, true, false]);
    expect(told).toEqual(['begin']);
    expect(reader.inTransaction()).toBe(true);
    await nextTurn();
    expect(told).toEqual(['begin', 'commit']);
    expect(has('first')).toBe(true);
    expect(told).toEqual(['begin', 'commit', 'begin']);
    reader.close();
    await catalog.close();
  });

  it('sees what others commit from the next turn on', async () => {
    const { catalog, repository, reader, has } = await open('others.db');
    await nextTurn();
    expect(has('second')).toBe(false);
    await putBlob(catalog, repository, 'second');
    await nextTurn();
    expect(has('second')).toBe(true);
    reader.close();
    await catalog.close();
  });

  it('sees all that is committed when it is told to renew', async () => {
    const { catalog, repository, reader, told, has } = await open('renew.db');
    await nextTurn();
    expect(has('second')).toBe(false);
    const committed = putBlob(catalog, repository, 'second').then(() => {
      reader.renew();
      return has('second');
    });
    expect(await committed).toBe(true);
    reader.renew();
    const before = told.length;
    reader.renew();
    expect(told).toHaveLength(before); // there was nothing to end
    reader.close();
    await catalog.close();
  });

  it('has one version for what it reads in a turn, and another once others have committed', async () => {
    const { catalog, repository, reader, told, has } = await open('version.db');
    await nextTurn();
    const before = reader.version();
    expect([reader.version(), has('first')]).toEqual([before, true]);
    expect(told.filter((sql) => sql === 'begin')).toHaveLength(1);
    await nextTurn();
    expect(reader.version()).toBe(before);
    await putBlob(catalog, repository, 'second');
    reader.renew();
    expect(reader.version()).not.toBe(before);
    expect(has('second')).toBe(true);
    reader.close();
    await catalog.close();
  });

  it('ends where a query fails, and goes on with the next', async () => {
    const { catalog, reader, has } = await open('fails.db');
    const wrong = { build: () => ({ compile: () => ({ sql: 'select * from absent', parameters: [] }) }) };
    const step = { text: wrong as never, params: {}, want: 'row' } as const;
    expect(() => reader.execute(step)).toThrow('no such table');
    expect(reader.inTransaction()).toBe(false);
    expect(has('first')).toBe(true);
    reader.close();
    await catalog.close();
  });

  it('can be closed in the middle of a turn', async () => {
    const { catalog, reader, has } = await open('closed.db');
    expect(has('first')).toBe(true);
    reader.close();
    await nextTurn(); // its end comes to nothing
    await catalog.close();
  });
});

describe('a catalog in a file', () => {
  it('shows in the next turn what another process has committed, whatever it was asked before', async () => {
    const data = { path: join(folder, 'two.db'), durability: 'os' } as const;
    const [here, there] = [await openFileCatalog(data), await openFileCatalog(data)];
    const repository = freshRepository();
    for (let count = 0; count < 20; count += 1) {
      const name = digest(`${count}`);
      expect(await here.queries.findBlob(repository, name)).toBeUndefined();
      await putBlob(there, repository, `${count}`);
      await nextTurn();
      expect(await here.queries.findBlob(repository, name)).toEqual({ sizeBytes: SIZE });
    }
    await here.close();
    await there.close();
  });

  it('shows whoever asked for a change that it is made, in the same turn', async () => {
    const catalog = await openFileCatalog({ path: join(folder, 'own.db'), durability: 'os' });
    const repository = freshRepository();
    // Queries before and after, without a turn between: a snapshot that is kept would not have the blob.
    for (let count = 0; count < 50; count += 1) {
      const put = putBlob(catalog, repository, `${count}`);
      const before = catalog.queries.findBlob(repository, digest(`${count}`));
      expect(await put.then(() => catalog.queries.findBlob(repository, digest(`${count}`)))).toEqual({
        sizeBytes: SIZE,
      });
      await before;
    }
    await catalog.close();
  });
});
