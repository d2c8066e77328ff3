import { chmod, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openTempFolder, type TempFolder } from '../testing/temp-folder.ts';
import { makeFolders } from './index.ts';

describe('making folders', () => {
  let temp: TempFolder;
  beforeEach(async () => void (temp = await openTempFolder('octoserve-folders')));
  afterEach(() => temp.remove());
  const at = (...names: readonly string[]): string => join(temp.path, ...names);

  it('makes those above too, with the rights that were asked for', async () => {
    await makeFolders(at('a', 'b', 'c'), 0o700);
    for (const folder of [at('a'), at('a', 'b'), at('a', 'b', 'c')]) {
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
    }
  });

  it('leaves a folder that is there as it is, and links that lead to one', async () => {
    await mkdir(at('there'));
    await chmod(at('there'), 0o750);
    await symlink('there', at('link'));
    await makeFolders(at('there'), 0o700);
    await makeFolders(at('link', 'below'));
    expect((await stat(at('there'))).mode & 0o777).toBe(0o750);
    expect(await readdir(at('there'))).toEqual(['below']);
  });

  it('lets several make the same ones at once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => makeFolders(at('a', 'b', 'c', 'd'))));
    expect(await readdir(at('a', 'b', 'c'))).toEqual(['d']);
  });

  it('refuses a path that a file is on, or that leads nowhere', async () => {
    await writeFile(at('file'), '');
    await symlink('nowhere', at('link'));
    await expect(makeFolders(at('file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolders(at('file', 'a', 'b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(makeFolders(at('link', 'a'))).rejects.toMatchObject({ code: 'EEXIST' });
  });

  // Of Linux; elsewhere there is no such folder, and nobody may make it.
  it('comes to an end below a folder that can have none', async () => {
    await expect(makeFolders('/proc/octoserve/a/b')).rejects.toMatchObject({ syscall: 'mkdir' });
  });
});
