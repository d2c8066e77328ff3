import { describe, expect, it } from '@jest/globals';
import { createQueue } from './queue.ts';

/** Work that is done when it is told so. */
function createWork() {
  const begun: string[] = [];
  const ends = new Map<string, (failure?: Error) => void>();
  const work = (name: string) => () =>
    new Promise<string>((resolve, reject) => {
      begun.push(name);
      ends.set(name, (failure) => (failure ? reject(failure) : resolve(name)));
    });
  return { begun, work, end: (name: string, failure?: Error) => ends.get(name)?.(failure) };
}

const turns = () => new Promise(setImmediate);

describe('a queue', () => {
  it('does a few things at once, the others in their order', async () => {
    const queue = createQueue({ atOnce: 2, waiting: 9 });
    const { begun, work, end } = createWork();
    const results = ['a', 'b', 'c', 'd'].map(async (name) => queue.run(work(name)));
    await turns();
    expect(begun).toEqual(['a', 'b']);
    end('b');
    await turns();
    expect(begun).toEqual(['a', 'b', 'c']);
    for (const name of ['a', 'c']) end(name);
    await turns();
    end('d');
    expect(await Promise.all(results)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('lets a bounded number wait, and takes more when there is room again', async () => {
    const queue = createQueue({ atOnce: 1, waiting: 1 });
    const { work, end } = createWork();
    const [first, second] = [queue.run(work('a')), queue.run(work('b'))];
    expect(queue.run(work('c'))).toBeUndefined();
    await turns();
    end('a');
    await first;
    await turns();
    const third = queue.run(work('c'));
    expect(third).toBeDefined();
    end('b');
    await second;
    await turns();
    end('c');
    expect(await third).toBe('c');
  });

  it('goes on after what failed', async () => {
    const queue = createQueue({ atOnce: 1, waiting: 9 });
    const { work, end } = createWork();
    const [failed, next] = [queue.run(work('a')), queue.run(work('b'))];
    await turns();
    end('a', new Error('no'));
    await expect(failed).rejects.toThrow('no');
    await turns();
    end('b');
    expect(await next).toBe('b');
  });
});
