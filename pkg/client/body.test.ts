import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../oci/index.ts';
import { cut, gather, slice, verify } from './body.ts';
import { failureOf, listOf, pieces } from './scripted-registry.suite.ts';

const textOf = async (content: AsyncIterable<Uint8Array>): Promise<string> =>
  Buffer.concat(await listOf(content)).toString();
const digest = digestOf(Buffer.from('helloworld'));

describe('verify', () => {
  it.each([
    ['digest and size', { digest, size: 10 }],
    ['digest alone', { digest }],
    ['size alone', { size: 10 }],
    ['sha512', { digest: digestOf(Buffer.from('helloworld'), 'sha512') }],
  ])('passes content on whose %s are right', async (_what, expected) => {
    expect(await textOf(verify(pieces('hello', '', 'world'), 'x', expected))).toBe('helloworld');
  });

  it.each([
    ['another digest', { digest: digestOf(Buffer.from('x')) }, /does not hash to sha256:/],
    ['too few bytes', { size: 11 }, /ended after 10 of 11 bytes/],
    ['too many bytes', { size: 9 }, /longer than 9 bytes/],
  ])('fails for %s', async (_what, expected, message) => {
    const failure = await failureOf(textOf(verify(pieces('hello', 'world'), 'x', expected)));
    expect(failure).toMatchObject({ failure: 'corrupt', message: expect.stringMatching(message) });
  });

  it.each([
    ['too long', { size: 14 }],
    ['too short', { size: 16 }],
    ['another', { digest }],
  ])('holds back the end of what is %s', async (_what, expected) => {
    const content = verify(pieces('hello', 'world', 'again'), 'x', expected);
    const passed: string[] = [];
    const pass = async (): Promise<void> => {
      for await (const chunk of content) passed.push(Buffer.from(chunk).toString());
    };
    expect(await failureOf(pass())).toMatchObject({ failure: 'corrupt' });
    expect(passed.join('')).not.toContain('again');
  });
});

describe('slice', () => {
  it.each([
    [0, 10, 'helloworld'],
    [0, Infinity, 'helloworld'],
    [3, 4, 'lowo'],
    [5, 5, 'world'],
    [9, 99, 'd'],
    [10, 5, ''],
  ])('gives from %d on %d bytes', async (start, size, text) => {
    expect(await textOf(slice(pieces('he', 'll', 'oworld'), start, size))).toBe(text);
  });
});

describe('cut', () => {
  it.each([
    [3, ['hel', 'low', 'orl', 'd']],
    [5, ['hello', 'world']],
    [10, ['helloworld']],
    [64, ['helloworld']],
  ])('makes pieces of %d bytes', async (size, texts) => {
    const made = await listOf(cut(pieces('h', 'ellowo', '', 'rld'), size));
    expect(made.map((piece) => Buffer.from(piece).toString())).toEqual(texts);
  });

  it('makes none of nothing', async () => {
    expect(await listOf(cut(pieces(''), 3))).toEqual([]);
  });

  it('copies, so that a source may use its buffer again', async () => {
    async function* source(): AsyncGenerator<Uint8Array, void, void> {
      const buffer = Buffer.alloc(2);
      for (const text of ['ab', 'cd']) {
        await Promise.resolve();
        buffer.write(text);
        yield buffer;
      }
    }
    expect(await textOf(cut(source(), 4))).toBe('abcd');
  });
});

describe('gather', () => {
  it('takes as much as the limit and not a byte more', async () => {
    expect(await gather(pieces('hello', 'world'), 10, 'x')).toHaveLength(10);
    expect(await failureOf(gather(pieces('hello', 'world'), 9, 'x'))).toMatchObject({ failure: 'protocol' });
  });
});
