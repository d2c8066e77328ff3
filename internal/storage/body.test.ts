import { describe, expect, it } from '@jest/globals';
import { Body } from './body.ts';

const never = new Promise<never>(() => undefined);

describe('Body', () => {
  it('gives the chunks, then the end, again and again', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a');
    }
    const body = new Body(source(), new AbortController().signal);
    expect(await body.next()).toMatchObject({ kind: 'chunk' });
    expect(await body.next()).toEqual({ kind: 'end' });
    expect(await body.next()).toEqual({ kind: 'end' });
  });

  it('tells a body that broke off from one that ended', async () => {
    const cause = new Error('reset');
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a');
      throw cause;
    }
    const body = new Body(source(), new AbortController().signal);
    await body.next();
    expect(await body.next()).toEqual({ kind: 'broken', cause });
  });

  it('stops waiting for a source that gives nothing when the signal aborts', async () => {
    const controller = new AbortController();
    const body = new Body({ [Symbol.asyncIterator]: () => ({ next: () => never }) }, controller.signal);
    const next = body.next();
    controller.abort('enough');
    expect(await next).toEqual({ kind: 'broken', cause: 'enough' });
    expect(await body.next()).toEqual({ kind: 'broken', cause: 'enough' });
  });

  it('is broken from the start where the signal was aborted before', async () => {
    const body = new Body({ [Symbol.asyncIterator]: () => ({ next: () => never }) }, AbortSignal.abort('before'));
    expect(await body.next()).toEqual({ kind: 'broken', cause: 'before' });
  });

  it('tells a source that did not end itself that no more is asked, and only that', async () => {
    const told: string[] = [];
    const sourceOf = (name: string, done: boolean): AsyncIterable<Uint8Array> => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => (done ? { done, value: undefined } : { value: Buffer.from('x') }),
        return: async () => {
          told.push(name);
          return { done: true, value: undefined };
        },
      }),
    });
    for (const [name, done] of [
      ['unfinished', false],
      ['finished', true],
    ] as const) {
      const body = new Body(sourceOf(name, done), new AbortController().signal);
      await body.next();
      body.close();
    }
    expect(told).toEqual(['unfinished']);
  });
});
