import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Key } from '../driver.ts';
import { readOnce } from '../fixtures.suite.ts';
import { MANIFESTS } from '../layout.ts';
import { readFolder } from './read-folder.ts';

describe('a folder that is only read', () => {
  let path: string;
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'octoserve-read-'));
  });
  afterEach(() => rm(path, { recursive: true }));

  const keysOf = async (): Promise<readonly string[]> => {
    const keys: string[] = [];
    for await (const { key } of (await readFolder(path))!.list(MANIFESTS)) keys.push(key);
    return keys.toSorted();
  };

  it('gives what is in it, and gets nothing new', async () => {
    await mkdir(join(path, 'manifests/team_app'), { recursive: true });
    await writeFile(join(path, 'manifests/team_app/v1'), 'hello');
    expect(await keysOf()).toEqual(['manifests/team_app/v1']);
    const objects = await readFolder(path);
    expect(await readOnce(objects!.open('manifests/team_app/v1' as Key))).toEqual(Buffer.from('hello'));
    expect(await readOnce(objects!.open('blobs/sha256/none' as Key))).toBeUndefined();
    expect(await readdir(path)).toEqual(['manifests']);
  });

  it('may be empty, or not be there', async () => {
    expect(await keysOf()).toEqual([]);
    expect(await readFolder(join(path, 'missing'))).toBeUndefined();
  });

  it('may be reached through a link, but leads nowhere else by links in it', async () => {
    const [inside, outside] = [join(path, 'inside'), join(path, 'outside')];
    await mkdir(join(inside, 'manifests/app'), { recursive: true });
    await mkdir(outside);
    await writeFile(join(outside, 'secret'), 'secret');
    await symlink(join(outside, 'secret'), join(inside, 'manifests/app/v1'));
    await symlink(outside, join(inside, 'manifests/other'));
    await symlink(inside, join(path, 'link'));
    path = join(path, 'link');
    expect(await keysOf()).toEqual([]);
    const objects = await readFolder(path);
    await expect(objects!.open('manifests/app/v1' as Key)).rejects.toMatchObject({ failure: 'broken' });
    await expect(objects!.open('manifests/other/secret' as Key)).rejects.toMatchObject({ failure: 'broken' });
    path = join(path, '..');
  });
});
