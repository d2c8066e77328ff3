import { mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createChangeDetector, createLook } from './watch-file.ts';

describe('createChangeDetector', () => {
  it.each<[string, (string | undefined)[], boolean[]]>([
    ['is silent while nothing changes', ['a', 'a', 'a'], [false, false, false]],
    ['reports a change once, when it rests', ['a', 'b', 'b', 'b'], [false, false, true, false]],
    ['waits while a file is being written', ['a', 'b', 'c', 'd', 'd'], [false, false, false, false, true]],
    ['reports the file that came back changed', ['a', undefined, 'b', 'b'], [false, false, false, true]],
    ['is silent about a file that came back the same', ['a', undefined, 'a', 'a'], [false, false, false, false]],
    ['is silent about a file that is gone', ['a', undefined, undefined], [false, false, false]],
    ['measures by the first sight of a file', [undefined, 'a', 'a', 'b', 'b'], [false, false, false, false, true]],
  ])('%s', (_, looks, reported) => {
    const sawChange = createChangeDetector();
    expect(looks.map((look) => sawChange(look))).toEqual(reported);
  });
});

describe('createLook', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'octoserve-watch-'));
    path = join(folder, 'cert.pem');
    await writeFile(path, 'old');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it.each<[string, () => Promise<void>]>([
    ['is written anew', () => writeFile(path, 'longer')],
    [
      'is replaced by rename',
      async () => {
        await writeFile(`${path}.tmp`, 'old');
        await rename(`${path}.tmp`, path);
      },
    ],
    [
      'is a link that is turned elsewhere',
      async () => {
        await writeFile(join(folder, 'other.pem'), 'old');
        await unlink(path);
        await symlink('other.pem', path);
      },
    ],
  ])('tells once of a file that %s', async (_, change) => {
    const onChange = jest.fn();
    const look = createLook(path, onChange, new AbortController().signal);
    await look();
    await look();
    expect(onChange).toHaveBeenCalledTimes(0);
    await change();
    await look();
    await look();
    await look();
    expect(onChange).toHaveBeenCalledTimes(1);
  });

  it('tells nothing once it is aborted', async () => {
    const onChange = jest.fn();
    const watching = new AbortController();
    const look = createLook(path, onChange, watching.signal);
    await look();
    await writeFile(path, 'longer');
    await look();
    watching.abort();
    await look();
    expect(onChange).not.toHaveBeenCalled();
  });
});
