import { randomUUID } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { endClean, failureIn } from '../fixtures.suite.ts';
import { openFolder } from './driver.ts';
import { failureOf, newFolder, openTestedFolder, WatchedFileSystem } from './fixtures.suite.ts';

describe('opening a data folder', () => {
  let ground: string;
  beforeEach(async () => {
    ground = await newFolder();
  });
  afterEach(async () => {
    await rm(ground, { recursive: true });
  });

  it('makes it, with its three parts, and finds them there the next time', async () => {
    const path = join(ground, 'a', 'b');
    const first = await openTestedFolder(path);
    const second = await openTestedFolder(path);
    await first.driver.check();
    await second.driver.check();
    expect((await readdir(path)).toSorted()).toEqual(['blobs', 'manifests', 'uploads']);
    await endClean(first);
    await endClean(second);
  });

  it.each([
    ['a file', 'file', /file for storage: it is not a folder: set storage\.path/],
    ['below a file', 'file/data', /data for storage: it is not in a folder: set storage\.path/],
  ])('says what to do where it is %s', async (_, path, message) => {
    await writeFile(join(ground, 'file'), '');
    const failure = await failureIn(openTestedFolder(join(ground, path)));
    expect(failure).toMatchObject({ name: 'StorageError', failure: 'broken', message: expect.stringMatching(message) });
  });

  it.each([
    ['EACCES', /no right to it/],
    ['EROFS', /read-only/],
    ['ENOSPC', /disk is full/],
    ['EIO', /for storage: EIO$/],
  ])('says what to do where the system answers %s', async (code, message) => {
    const system = new WatchedFileSystem();
    system.before = (name) => {
      if (name === 'mkdir') throw failureOf(code);
    };
    const opening = openFolder({ path: ground, durability: 'full', uuid: randomUUID, system });
    expect(await failureIn(opening)).toMatchObject({ name: 'StorageError', message: expect.stringMatching(message) });
  });

  it('stops being usable when it is taken away, or may not be written to any more', async () => {
    const tested = await openTestedFolder(join(ground, 'data'));
    const { driver, system } = tested;
    system.before = (name) => {
      if (name === 'access') throw failureOf('EROFS');
    };
    await expect(driver.check()).rejects.toMatchObject({ name: 'StorageError', failure: 'broken' });
    system.before = () => undefined;
    await driver.check();
    await rm(join(ground, 'data'), { recursive: true });
    await expect(driver.check()).rejects.toMatchObject({ name: 'StorageError', failure: 'broken' });
    await endClean(tested);
  });
});
