import { createHash } from 'node:crypto';
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openTempFolder, type TempFolder } from '../../testing/temp-folder.ts';
import { describeDocument } from '../document.suite.ts';
import { testDeps } from '../fixtures.suite.ts';
import { openFile } from './file.ts';

describeDocument('file', async () => {
  const folder = await openTempFolder('document');
  const open = (isOurs: boolean) => openFile({ kind: 'file', path: 'r.json' }, testDeps({ cwd: folder.path, isOurs }));
  return { open: () => open(true), openOther: () => open(false), close: () => folder.remove() };
});

describe('a document in a file', () => {
  let folder: TempFolder;
  beforeEach(async () => {
    folder = await openTempFolder('document');
  });
  afterEach(() => folder.remove());
  const open = (path: string, more: Parameters<typeof testDeps>[0] = {}) =>
    openFile({ kind: 'file', path }, testDeps({ cwd: folder.path, ...more }));

  it('gets its folders, is for its owner alone, and leaves nothing beside it', async () => {
    const place = await open('a/b/r.json');
    await place.persist(Buffer.from('{}'), undefined);
    await place.check();
    await place.close();
    expect(await readdir(join(folder.path, 'a/b'))).toEqual(['r.json']);
    expect((await stat(join(folder.path, 'a/b/r.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder.path, 'a'))).mode & 0o777).toBe(0o755);
  });

  it('is one server’s at a time, and says whose', async () => {
    const first = await open('r.json');
    await expect(open('r.json')).rejects.toMatchObject({
      trouble: 'storage',
      message: expect.stringContaining(`process ${process.pid}`),
      hint: expect.stringContaining('r.json.lock'),
    });
    await first.close();
    await (await open('r.json')).close();
  });

  it('is taken over from a process that is no more', async () => {
    await writeFile(join(folder.path, 'r.json.lock'), JSON.stringify({ host: hostname(), pid: 2 ** 30, id: 'x' }));
    const place = await open('r.json');
    expect(await place.persist(Buffer.from('{}'), undefined)).toMatchObject({ kind: 'persisted' });
    await place.close();
    expect(await readdir(folder.path)).toEqual(['r.json']);
  });

  it('is kept for a server of another machine as long as that one says that it lives', async () => {
    const lock = join(folder.path, 'r.json.lock');
    await writeFile(lock, JSON.stringify({ host: 'another.example', pid: 1, id: 'x' }));
    const { mtimeMs } = await stat(lock);
    await expect(open('r.json', { clock: () => mtimeMs + 59_000 })).rejects.toThrow(
      'process 1 of another.example has it',
    );
    await (await open('r.json', { clock: () => mtimeMs + 61_000 })).close();
  });

  it('is written by nobody who lost it', async () => {
    const place = await open('r.json');
    await writeFile(join(folder.path, 'r.json.lock'), JSON.stringify({ host: 'another.example', pid: 1, id: 'x' }));
    await expect(place.persist(Buffer.from('{}'), undefined)).rejects.toThrow('another server took it');
    await place.close();
    expect(await readdir(folder.path)).toEqual(['r.json.lock']);
  });

  it('loses what a crash left of a write, and nothing of its neighbours', async () => {
    const [a, b] = [await open('a.json'), await open('b.json')];
    await Promise.all([a.close(), b.close()]);
    const leftOf = (name: string) =>
      `.registry-${createHash('sha256').update(name).digest('hex').slice(0, 8)}-1.json.tmp`;
    await writeFile(join(folder.path, leftOf('a.json')), 'half');
    await writeFile(join(folder.path, leftOf('b.json')), 'half');
    await (await open('a.json')).close();
    expect(await readdir(folder.path)).toEqual([leftOf('b.json')]);
  });

  it('stays as it was where it cannot be written, and says so', async () => {
    const place = await open('r.json');
    const first = await place.persist(Buffer.from('old'), undefined);
    await place.close();
    const failing = await open('r.json', { uuid: () => 'no/such/folder' });
    const state = first.kind === 'persisted' ? first.state : undefined;
    await expect(failing.persist(Buffer.from('new'), state)).rejects.toMatchObject({
      name: 'DocumentError',
      message: `storage error: cannot persist ${join(folder.path, 'r.json')}: ENOENT`,
    });
    await failing.close();
    expect(await readFile(join(folder.path, 'r.json'), 'utf8')).toBe('old');
    expect(await readdir(folder.path)).toEqual(['r.json']);
  });

  it('cannot be used once its folder is away', async () => {
    const place = await open('d/r.json');
    await rename(join(folder.path, 'd'), join(folder.path, 'away'));
    await expect(place.check()).rejects.toMatchObject({ name: 'DocumentError', trouble: 'storage' });
    await expect(place.persist(Buffer.from('new'), undefined)).rejects.toThrow('its lock is gone');
    await place.close();
  });

  it('warns of a token that nobody asks for', async () => {
    const deps = testDeps({ cwd: folder.path, token: 'secret' });
    await (await openFile({ kind: 'file', path: 'r.json' }, deps)).close();
    expect(deps.told).toEqual(['The storage token is not used: the document is a file']);
  });

  it('warns where it has grown large', async () => {
    const deps = testDeps({ cwd: folder.path });
    const place = await openFile({ kind: 'file', path: 'r.json' }, deps);
    await place.persist(Buffer.alloc(50 * 1024 * 1024 + 1), undefined);
    await place.close();
    expect(deps.told).toEqual(['The document is large, and is rewritten with each change']);
  });
});
