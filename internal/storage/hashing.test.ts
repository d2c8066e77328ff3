import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Worker } from 'node:worker_threads';
import { failureIn } from './fixtures.suite.ts';
import { hashInPlace, HashThreads } from './hashing.ts';

const hex = (text: string, algorithm = 'sha256'): string => createHash(algorithm).update(text).digest('hex');
const program = new URL('./hash-worker.ts', import.meta.url);

describe('HashThreads', () => {
  const started: Worker[] = [];
  const start = (): Worker => {
    const worker = new Worker(program);
    started.push(worker);
    return worker;
  };
  let threads = new HashThreads(1, start);
  afterEach(async () => {
    await threads.close();
    started.length = 0;
    threads = new HashThreads(1, start);
  });

  it('goes on with a hash after its digest was asked for, in the thread as in place', async () => {
    for (const hash of [threads.create('sha256'), hashInPlace('sha256')]) {
      await hash.update(Buffer.from('hello'));
      expect(await hash.digest()).toBe(hex('hello'));
      await hash.update(Buffer.from('world'));
      expect(await hash.digest()).toBe(hex('helloworld'));
    }
  });

  it('gives the digest of nothing', async () => {
    expect(await threads.create('sha512').digest()).toBe(hex('', 'sha512'));
  });

  it('keeps many hashes apart', async () => {
    const hashes = Array.from({ length: 20 }, () => threads.create('sha256'));
    await Promise.all(hashes.map((hash, index) => hash.update(Buffer.from(`piece ${index}`))));
    const found = await Promise.all(hashes.map((hash) => hash.digest()));
    expect(found).toEqual(hashes.map((_, index) => hex(`piece ${index}`)));
    expect(started).toHaveLength(1);
  });

  it('hashes only the view of a larger buffer, and leaves that usable', async () => {
    const large = Buffer.from('xxhelloxx');
    const shared = Buffer.from(new SharedArrayBuffer(8)).fill('hello', 0, 5);
    const [plain, sharing] = [threads.create('sha256'), threads.create('sha256')];
    await plain.update(large.subarray(2, 7));
    await sharing.update(shared.subarray(0, 5));
    expect([await plain.digest(), await sharing.digest()]).toEqual([hex('hello'), hex('hello')]);
    expect(large.toString()).toBe('xxhelloxx');
  });

  it('counts the hashes that it holds', async () => {
    const [one, other] = [threads.create('sha256'), threads.create('sha256')];
    expect(threads.inUse).toBe(2);
    one.drop();
    one.drop();
    expect(threads.inUse).toBe(1);
    other.drop();
    expect(threads.inUse).toBe(0);
  });

  it('starts no thread before the first hash, and no more than its limit', async () => {
    const two = new HashThreads(2, start);
    expect(started).toHaveLength(0);
    const hashes = [1, 2, 3, 4].map(() => two.create('sha256'));
    expect(started).toHaveLength(2);
    await Promise.all(hashes.map((hash) => hash.update(Buffer.from('x'))));
    await two.close();
  });

  it('fails what waits for a thread that ended, and starts another for the next hash', async () => {
    const hash = threads.create('sha256');
    await hash.update(Buffer.from('hello'));
    const waiting = hash.update(Buffer.alloc(8 << 20));
    const failure = failureIn(waiting);
    await started[0]?.terminate();
    expect(await failure).toMatchObject({ name: 'StorageError', failure: 'broken' });
    expect(hash.alive).toBe(false);
    await expect(hash.digest()).rejects.toMatchObject({ failure: 'broken' });
    const next = threads.create('sha256');
    await next.update(Buffer.from('hello'));
    expect(await next.digest()).toBe(hex('hello'));
    expect(started).toHaveLength(2);
  });

  it('fails what waits for a thread that throws', async () => {
    const hash = threads.create('sha256');
    hash.drop();
    await expect(hash.digest()).rejects.toMatchObject({ failure: 'broken', cause: { message: 'no hash 1' } });
  });

  it('finds its program by itself', async () => {
    const own = new HashThreads(1);
    const hash = own.create('sha256');
    await hash.update(Buffer.from('hello'));
    expect(await hash.digest()).toBe(hex('hello'));
    await own.close();
  });
});
