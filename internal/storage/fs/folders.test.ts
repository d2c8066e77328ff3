import { rm } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FILE_SYSTEM } from './file-system.ts';
import { failureOf, newFolder } from './fixtures.suite.ts';
import { Folders } from './folders.ts';

describe('syncs of one folder', () => {
  /** Those under way, oldest first: each ends when the test says how. */
  const underWay: { end(): void; fail(): void }[] = [];
  let root: string;
  let folders: Folders;

  beforeEach(async () => {
    root = await newFolder();
    const sync = (): Promise<void> =>
      new Promise((end, reject) => void underWay.push({ end, fail: () => reject(failureOf('EIO')) }));
    folders = new Folders(root, { ...FILE_SYSTEM, files: { ...FILE_SYSTEM.files, sync } }, true);
  });
  afterEach(async () => {
    underWay.length = 0;
    await rm(root, { recursive: true });
  });

  const next = async (): Promise<{ end(): void; fail(): void }> => {
    while (underWay.length === 0) await setImmediate();
    expect(underWay).toHaveLength(1);
    return underWay.shift()!;
  };

  it('are one for all who ask while another is under way, and that other is for none of them', async () => {
    const settled: string[] = [];
    const ask = (name: string): Promise<unknown> => folders.sync('.').then(() => settled.push(name));
    const first = ask('first');
    const one = await next();
    const others = [ask('second'), ask('third')];
    for (let turn = 0; turn < 10; turn += 1) await setImmediate();
    expect(underWay).toHaveLength(0);
    one.end();
    await first;
    const two = await next();
    const late = ask('late');
    expect(settled).toEqual(['first']);
    two.end();
    await Promise.all(others);
    const three = await next();
    expect(settled).toEqual(['first', 'second', 'third']);
    three.end();
    await late;
  });

  it('begin at once where none is under way any more', async () => {
    for (let count = 0; count < 2; count += 1) {
      const asked = folders.sync('.');
      (await next()).end();
      expect(await asked).toBeUndefined();
    }
    expect(underWay).toEqual([]);
  });

  it('fail for all who waited meanwhile, since what failed may be theirs, and for nobody who comes after', async () => {
    const failed = async (sync: Promise<void>): Promise<unknown> => sync.catch((failure: unknown) => failure);
    const asked = [failed(folders.sync('.'))];
    const one = await next();
    asked.push(failed(folders.sync('.')), failed(folders.sync('.')));
    one.fail();
    expect(await Promise.all(asked)).toEqual(Array(3).fill(expect.objectContaining({ code: 'EIO' })));
    const late = folders.sync('.');
    (await next()).end();
    expect(await late).toBeUndefined();
  });
});
