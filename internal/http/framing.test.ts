import { describe, expect, it } from '@jest/globals';
import { findChunkFraming, lengthFraming } from './framing.ts';

const textOf = (parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString('latin1');

it('takes no more than what was announced, however the bytes come', () => {
  const framing = lengthFraming(5);
  const parts = ['he', 'll', 'oGET /'].map((text) => textOf(framing.partsOf(Buffer.from(text))));
  expect(parts).toEqual(['he', 'll', 'o']);
  expect(framing.partsOf(Buffer.from('more'))).toEqual([]);
});

describe('the framing of chunks that is found in the middle', () => {
  const seen = Buffer.from('hello\r\n6\r\n world\r\nA;x="y"\r\n, and');
  const rest = ' more\r\n0\r\nTrailer: 5\r\n\r\nGET / HTTP/1.1\r\n\r\n';

  it.each([1, 2, 3, 7, 100])('goes on where the chunks were seen, %i bytes at a time', (count) => {
    const framing = findChunkFraming(seen, [5, 6, 5]);
    const parts: Uint8Array[] = [];
    const bytes = Buffer.from(rest);
    for (let at = 0; at < bytes.length; at += count) {
      parts.push(...(framing?.partsOf(bytes.subarray(at, at + count)) ?? []));
    }
    expect(textOf(parts)).toBe(' more');
  });

  it.each([
    ['no data', '\r\n6\r\n', []],
    ['nothing but data', 'hello', [5]],
    ['no size to go by', 'hello\r\n6', [5]],
    ['other data than the sizes say', 'hello\r\n6\r\n world', [5, 4]],
    ['the end of a size first', '6\r\n world\r\n2\r\nhi', [6, 2]],
  ])('is not found in %s', (_, text, lengths) => {
    expect(findChunkFraming(Buffer.from(text), lengths)).toBeUndefined();
  });
});
