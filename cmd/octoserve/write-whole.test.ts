import { EventEmitter } from 'node:events';
import { lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Io } from '../../internal/cli/index.ts';
import { openTempFolder, type TempFolder } from '../../internal/testing/temp-folder.ts';
import { writeWhole } from './write-whole.ts';

let folder: TempFolder;
beforeEach(async () => void (folder = await openTempFolder('octoserve-write')));
afterEach(() => folder.remove());

const silent = { write: () => undefined };
const ioOf = (): Io => ({ stdout: silent, stderr: silent, env: {}, cwd: folder.path });

async function* pieces(...texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

describe('writing a file whole', () => {
  it('makes one that only its owner reads', async () => {
    await writeWhole('c.dump', ioOf(), pieces('a', 'b'));
    expect(await readFile(join(folder.path, 'c.dump'), 'utf8')).toBe('ab');
    expect((await stat(join(folder.path, 'c.dump'))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder.path)).toEqual(['c.dump']);
  });

  it('leaves what is there where it fails', async () => {
    async function* broken(): AsyncGenerator<string> {
      yield 'new';
      throw new Error('no more');
    }
    await writeFile(join(folder.path, 'c.dump'), 'old');
    await expect(writeWhole('c.dump', ioOf(), broken())).rejects.toThrow('no more');
    expect(await readFile(join(folder.path, 'c.dump'), 'utf8')).toBe('old');
    expect(await readdir(folder.path)).toEqual(['c.dump']);
  });

  it('goes where a link leads', async () => {
    await mkdir(join(folder.path, 'disk'));
    await writeFile(join(folder.path, 'disk/c.dump'), 'old');
    await symlink('disk/c.dump', join(folder.path, 'latest'));
    await writeWhole('latest', ioOf(), pieces('new'));
    expect((await lstat(join(folder.path, 'latest'))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder.path, 'disk/c.dump'), 'utf8')).toBe('new');
  });

  it('only writes to what is no file, and puts nothing in its place', async () => {
    await symlink('/dev/null', join(folder.path, 'nothing'));
    await writeWhole('nothing', ioOf(), pieces('a'));
    expect(await readdir(folder.path)).toEqual(['nothing']);
    expect((await stat(join(folder.path, 'nothing'))).isCharacterDevice()).toBe(true);
  });

  it.each([
    ['a folder', '.', 'EISDIR'],
    ['a file in a folder that is not there', 'no/c.dump', 'ENOENT'],
  ])('says why %s cannot be written', async (_, name, code) => {
    await expect(writeWhole(name, ioOf(), pieces('a'))).rejects.toThrow(`${name} cannot be written: ${code}`);
  });

  it('leaves nothing behind when it is interrupted, and ends the process as it would have ended', async () => {
    const killed: unknown[] = [];
    const host = Object.assign(new EventEmitter(), {
      pid: 4711,
      kill: (...args: readonly unknown[]) => void killed.push(args),
    });
    async function* interrupted(): AsyncGenerator<string> {
      yield 'half';
      expect(await readdir(folder.path)).toEqual([expect.stringMatching(/^c\.dump\..*\.partial$/)]);
      host.emit('SIGINT', 'SIGINT');
      expect(await readdir(folder.path)).toEqual([]);
      expect(killed).toEqual([[4711, 'SIGINT']]);
      throw new Error('the process would be gone');
    }
    await expect(writeWhole('c.dump', ioOf(), interrupted(), host)).rejects.toThrow('would be gone');
    expect(host.eventNames()).toEqual([]);
  });
});
