import { mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Key } from '../driver.ts';
import { describeDriver } from '../driver.suite.ts';
import { bytesOf } from '../fixtures.suite.ts';
import { StorageError } from '../types.ts';
import { newFolder, openThreadedFolder } from './fixtures.suite.ts';
import { PutThread } from './put-thread.ts';

const keyOf = (name: string): Key => `blobs/${name}` as Key;

describeDriver('filesystem, with its thread', () => openThreadedFolder());

describe.each([true, false])('the thread that writes files, durable: %s', (durable) => {
  let root: string;
  let thread: PutThread;
  beforeEach(async () => {
    root = await newFolder();
    thread = new PutThread({ root, durable, mode: 0o755 });
  });
  afterEach(async () => {
    await thread.close();
    await rm(root, { recursive: true });
  });
  const kept = (name: string): Promise<Buffer> => readFile(join(root, 'blobs', name));

  it('keeps many at once, each under its key, and leaves nothing else', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `${index % 7}/${index}`);
    await Promise.all(names.map((name) => thread.put(keyOf(name), bytesOf(1000, name))));
    for (const name of names) expect(await kept(name)).toEqual(bytesOf(1000, name));
    expect(await readdir(join(root, 'uploads'))).toEqual([]);
  });

  it('takes of a view what is seen through it, and leaves the bytes to the caller', async () => {
    const bytes = bytesOf(1000);
    await thread.put(keyOf('part'), bytes.subarray(100, 200));
    expect(await kept('part')).toEqual(bytes.subarray(100, 200));
    expect(bytes).toEqual(bytesOf(1000));
  });

  it('tells of failures as this thread would: by the name that the system has for them', async () => {
    await mkdir(join(root, 'blobs'));
    await mkdir(join(root, 'blobs', 'taken'));
    await expect(thread.put(keyOf('taken'), bytesOf(10))).rejects.toMatchObject({
      code: expect.stringMatching(/^(EISDIR|ENOTEMPTY|EEXIST)$/),
    });
    await thread.put(keyOf('next'), bytesOf(10));
    expect(await kept('next')).toEqual(bytesOf(10));
  });

  it('refuses what was planted in place of a folder, and says so with an error of ours', async () => {
    await mkdir(join(root, 'blobs'));
    await mkdir(join(root, 'elsewhere'));
    await symlink(join(root, 'elsewhere'), join(root, 'blobs', 'planted'));
    const refused = thread.put(keyOf('planted/one'), bytesOf(10));
    await expect(refused).rejects.toBeInstanceOf(StorageError);
    await expect(refused).rejects.toMatchObject({ failure: 'broken', message: expect.stringContaining('planted') });
  });

  it('finds out that a folder was removed, and makes it again', async () => {
    await thread.put(keyOf('a/one'), bytesOf(10));
    await rm(join(root, 'blobs'), { recursive: true });
    await thread.put(keyOf('a/two'), bytesOf(10));
    expect(await kept('a/two')).toEqual(bytesOf(10));
  });

  it('does what it was asked before it closes, and starts again for what comes later', async () => {
    const asked = Array.from({ length: 20 }, (_, index) => thread.put(keyOf(`${index}`), bytesOf(1000)));
    await thread.close();
    await Promise.all(asked);
    await thread.put(keyOf('later'), bytesOf(10));
    expect(await kept('later')).toEqual(bytesOf(10));
  });
});

describe('a thread that ends', () => {
  const lives: string[] = [];
  /** Each life runs the next of these programs. */
  function threadOf(...programs: readonly string[]): PutThread {
    lives.length = 0;
    return new PutThread({ root: '/', durable: false, mode: 0o755 }, () => {
      const program = programs[lives.length] ?? '';
      lives.push(program);
      return new Worker(program, { eval: true });
    });
  }
  const ANSWERS = `const { parentPort } = require('node:worker_threads');
    parentPort.on('message', ({ ticket }) => parentPort.postMessage([{ ticket }]));`;
  const THROWS = `require('node:worker_threads').parentPort.on('message', () => { throw new Error('out of order'); });`;
  const EXITS = `require('node:worker_threads').parentPort.on('message', () => process.exit(0));`;

  it.each([
    ['throws', THROWS],
    ['exits', EXITS],
  ])('fails what waits where it %s, and another begins', async (_how, program) => {
    const thread = threadOf(program, ANSWERS);
    const asked = [thread.put(keyOf('a'), bytesOf(1)), thread.put(keyOf('b'), bytesOf(1))];
    for (const one of asked) await expect(one).rejects.toMatchObject({ name: 'StorageError', failure: 'broken' });
    await thread.put(keyOf('c'), bytesOf(1));
    expect(lives).toEqual([program, ANSWERS]);
    await thread.close();
  });
});
