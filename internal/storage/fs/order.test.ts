import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../pkg/oci/index.ts';
import { endClean, failureIn, newUploadId, readOnce } from '../fixtures.suite.ts';
import { blobKey, uploadKey } from '../layout.ts';
import { failureOf, openTestedFolder, type TestedFolder } from './fixtures.suite.ts';

const HELLO = Buffer.from('helloworld');
const BLOB = blobKey(digestOf(HELLO));
const SOURCE = uploadKey(newUploadId());
const FOLDER = BLOB.slice(0, BLOB.lastIndexOf('/'));

let tested: TestedFolder;
afterEach(() => endClean(tested));

async function grow(sync = true): Promise<void> {
  const growing = await tested.driver.staging.grow(SOURCE, 0);
  await growing.write(HELLO);
  await growing.finish({ sync });
}

const publish = (): Promise<void> => tested.driver.staging.publish(SOURCE, BLOB, HELLO.length);

/** The calls that matter for what a power cut leaves, in order, with paths instead of numbers of files. */
async function callsOf(act: () => Promise<unknown>): Promise<readonly string[]> {
  const calls: string[] = [];
  const short = (path: string): string => path.replace(tested.path, '').replace(/\/[0-9a-f-]{36}$/, '/<uuid>') || '/';
  let opened = '';
  tested.system.before = (name, argument) => {
    if (name === 'open') opened = short(String(argument));
    if (name === 'sync') calls.push(`sync ${opened}`);
    if (['mkdir', 'link', 'rename', 'write', 'unlink'].includes(name)) {
      calls.push(`${name} ${typeof argument === 'number' ? opened : short(argument)}`);
    }
  };
  await act();
  tested.system.before = () => undefined;
  return calls;
}

describe('what is on stable storage, and when', () => {
  const newFolders = ['/blobs/sha256', `/${FOLDER.slice(0, -3)}`, `/${FOLDER}`];
  const made = newFolders.flatMap((folder) => [`mkdir ${folder}`, `sync ${folder.slice(0, folder.lastIndexOf('/'))}`]);

  it('is an upload and its name, when its growth is finished with sync', async () => {
    tested = await openTestedFolder();
    expect(await callsOf(() => grow(true))).toEqual(['write /uploads/<uuid>', 'sync /uploads/<uuid>', 'sync /uploads']);
    expect(await callsOf(() => grow(false))).toEqual(['write /uploads/<uuid>']);
  });

  it('is published content before it has its name, then the name, with all new folders above', async () => {
    tested = await openTestedFolder();
    await grow(false);
    expect(await callsOf(publish)).toEqual([
      'sync /uploads/<uuid>',
      ...made,
      'link /uploads/<uuid>',
      `sync /${FOLDER}`,
    ]);
  });

  it('is content that takes the place of what was there already', async () => {
    tested = await openTestedFolder();
    await grow();
    await publish();
    expect(await callsOf(publish)).toEqual([
      'sync /uploads/<uuid>',
      'link /uploads/<uuid>',
      'link /uploads/<uuid>',
      'rename /uploads/<uuid>',
      'unlink /uploads/<uuid>',
      `sync /${FOLDER}`,
    ]);
  });

  it('is an object that is put, before and after it has its name', async () => {
    tested = await openTestedFolder();
    expect(await callsOf(() => tested.driver.objects.put(BLOB, HELLO))).toEqual([
      'write /uploads/<uuid>',
      'sync /uploads/<uuid>',
      ...made,
      'rename /uploads/<uuid>',
      `sync /${FOLDER}`,
    ]);
    expect(await callsOf(() => tested.driver.objects.remove(BLOB))).toEqual([`unlink /${BLOB}`, `sync /${FOLDER}`]);
  });

  it.each(['put', 'publish'])(
    'is not claimed by %s where the entry of a new folder failed to get there',
    async (how) => {
      tested = await openTestedFolder();
      await grow();
      let [opened, failures] = ['', 0];
      tested.system.before = (name, argument) => {
        if (name === 'open') opened = String(argument);
        if (name !== 'sync' || !opened.endsWith('/blobs/sha256') || failures > 0) return;
        failures += 1;
        throw failureOf('EIO');
      };
      const act = how === 'put' ? tested.driver.objects.put(BLOB, HELLO) : publish();
      expect(await failureIn(act)).toMatchObject({ failure: 'broken' });
      expect(failures).toBe(1);
      tested.system.before = () => undefined;
      expect(await tested.driver.objects.stat(BLOB)).toBeUndefined();
    },
  );

  it('is the entry of a folder that another process made, when this one first uses it', async () => {
    tested = await openTestedFolder();
    const other = await openTestedFolder(tested.path);
    await other.driver.objects.put(BLOB, HELLO);
    const calls = await callsOf(() => tested.driver.objects.put(BLOB, HELLO));
    expect(calls).toEqual(expect.arrayContaining(made.filter((call) => call.startsWith('sync'))));
    await endClean(other);
  });

  it('is left to the operating system where durability is os', async () => {
    const first = await openTestedFolder();
    tested = await openTestedFolder(first.path, 'os');
    const calls = await callsOf(async () => {
      await grow();
      await publish();
      await publish();
      await tested.driver.objects.put(BLOB, HELLO);
      await tested.driver.objects.remove(BLOB);
    });
    expect(calls.filter((call) => call.startsWith('sync'))).toEqual([]);
    await endClean(first);
  });

  it('is not claimed of bytes whose sync failed once, even if the next one succeeds', async () => {
    tested = await openTestedFolder();
    await grow(false);
    let failures = 0;
    tested.system.before = (name) => {
      if (name !== 'sync' || failures > 0) return;
      failures += 1;
      throw failureOf('EIO');
    };
    expect(await failureIn(publish())).toMatchObject({ failure: 'broken' });
    expect(await failureIn(publish())).toMatchObject({ failure: 'broken' });
    expect(await tested.driver.objects.stat(BLOB)).toBeUndefined();
  });
});

describe('a folder', () => {
  it.each(['EPERM', 'ENOTSUP', 'EMLINK'])(
    'without hard links (%s) gets a copy, whole and synced before it has its name',
    async (code) => {
      tested = await openTestedFolder();
      await grow();
      const fail = (name: string): void => {
        if (name === 'link') throw failureOf(code);
      };
      tested.system.before = fail;
      await publish();
      await publish();
      expect(await readOnce(tested.driver.objects.open(BLOB))).toEqual(HELLO);
      tested.system.before = () => undefined;
      await tested.driver.staging.discard(SOURCE);
      expect(await readdir(join(tested.path, 'uploads'))).toEqual([]);
    },
  );

  it('gives its files and folders the modes of the contract', async () => {
    const before = process.umask(0o022);
    try {
      tested = await openTestedFolder();
      await tested.driver.objects.put(BLOB, HELLO);
      expect((await stat(join(tested.path, BLOB))).mode & 0o777).toBe(0o644);
      expect((await stat(join(tested.path, FOLDER))).mode & 0o777).toBe(0o755);
    } finally {
      process.umask(before);
    }
  });

  it('is made again where somebody removed it meanwhile', async () => {
    tested = await openTestedFolder();
    await grow();
    await publish();
    await rm(join(tested.path, 'blobs'), { recursive: true });
    expect(await tested.driver.objects.stat(BLOB)).toBeUndefined();
    await publish();
    expect(await readOnce(tested.driver.objects.open(BLOB))).toEqual(HELLO);
    await rm(join(tested.path, 'blobs'), { recursive: true });
    await tested.driver.objects.put(BLOB, HELLO);
    expect(await readOnce(tested.driver.objects.open(BLOB))).toEqual(HELLO);
  });

  it('writes and reads all, though the system takes few bytes at a time', async () => {
    tested = await openTestedFolder();
    tested.system.mostBytes = 3;
    await grow();
    await publish();
    expect(await readOnce(tested.driver.objects.open(BLOB))).toEqual(HELLO);
  });

  it('does not answer for a file that became shorter while it was read', async () => {
    tested = await openTestedFolder();
    await tested.driver.objects.put(BLOB, HELLO);
    const content = await tested.driver.objects.open(BLOB);
    await writeFile(join(tested.path, BLOB), 'hello');
    const failure = await failureIn(readOnce(Promise.resolve(content)));
    expect(failure).toMatchObject({ name: 'StorageError', failure: 'broken' });
    expect((await readFile(join(tested.path, BLOB))).length).toBe(5);
  });
});

it('brings large bodies to the system in pieces for which it has room at hand', async () => {
  tested = await openTestedFolder();
  const large = Buffer.alloc(1024 * 1024 + 5, 'x');
  const calls = await callsOf(async () => {
    const growing = await tested.driver.staging.grow(SOURCE, 0);
    await growing.write(large);
    await growing.finish({ sync: false });
  });
  expect(calls).toEqual(Array<string>(5).fill('write /uploads/<uuid>'));
  expect((await readFile(join(tested.path, SOURCE))).equals(large)).toBe(true);
});
