import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openTempFolder, type TempFolder } from '../testing/temp-folder.ts';
import { replaceFile } from './index.ts';

describe('replacing a file', () => {
  let temp: TempFolder;
  let path: string;
  let aside: string;
  beforeEach(async () => {
    temp = await openTempFolder('octoserve-replace');
    path = join(temp.path, 'file');
    aside = join(temp.path, 'aside');
    await writeFile(path, 'old');
  });
  afterEach(() => temp.remove());

  it('puts what is written in its place only when all of it is', async () => {
    const write = async (file: { writeFile(text: string): Promise<unknown> }) => {
      await file.writeFile('n');
      expect(await readFile(path, 'utf8')).toBe('old');
      await file.writeFile('ew');
    };
    const put = await replaceFile(path, { aside, mode: 0o640, write });
    expect(await readFile(path, 'utf8')).toBe('new');
    const found = await stat(path, { bigint: true });
    expect([put.ino, put.mtimeNs, put.size]).toEqual([found.ino, found.mtimeNs, 3n]);
    expect(Number(found.mode) & 0o777).toBe(0o640);
    expect(await readdir(temp.path)).toEqual(['file']);
  });

  it('leaves what was there, and nothing else, where it fails', async () => {
    const write = () => Promise.reject(new Error('no more'));
    await expect(replaceFile(path, { aside, mode: 0o600, write })).rejects.toThrow('no more');
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(temp.path)).toEqual(['file']);
  });
});
