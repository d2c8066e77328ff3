import { describe, expect, it } from '@jest/globals';
import { AnswerReader, fieldOf, type Answer } from './answer.ts';

/** What comes of a text that arrives in pieces of so many bytes; undefined where that is known before its end. */
function readIn(pieces: number, text: string, isHead = false): Answer | undefined {
  const reader = new AnswerReader();
  reader.expect(isHead);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieces) {
    const answer = reader.read(bytes.subarray(at, at + pieces));
    if (answer) return at + pieces >= bytes.length ? answer : undefined;
  }
  return reader.end();
}

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('AnswerReader', () => {
  describe.each([1, 3, 1000])('in pieces of %d bytes', (pieces) => {
    it.each([
      ['a body with its length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 200, 5],
      ['an empty body', 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n', 404, 0],
      ['no body after 204', 'HTTP/1.1 204 No Content\r\nX: y\r\n\r\n', 204, 0],
      ['no body after 304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', 304, 0],
      [
        'what comes after 100 Continue',
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n',
        201,
        0,
      ],
      ['chunks', `${CHUNKED}4\r\nwiki\r\nA;ext=1\r\n0123456789\r\n0\r\n\r\n`, 200, 14],
      ['chunks with a trailer', `${CHUNKED}1\r\nx\r\n0\r\nDigest: y\r\n\r\n`, 200, 1],
      ['a body until the connection ends', 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello', 200, 5],
    ])('reads %s', (_what, text, status, bodyBytes) => {
      expect(readIn(pieces, text)).toMatchObject({ status, bodyBytes });
    });

    it('takes the length in the answer to a HEAD for no body', () => {
      expect(readIn(pieces, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', true)).toMatchObject({ bodyBytes: 0 });
    });
  });

  it('tells whether the connection is kept', () => {
    expect(readIn(1000, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')?.isKept).toBe(true);
    expect(readIn(1000, 'HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n')?.isKept).toBe(false);
  });

  it('reads one answer after the other', () => {
    const reader = new AnswerReader();
    for (const body of ['one', 'three']) {
      const answer = reader.read(Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`));
      expect(answer?.bodyBytes).toBe(body.length);
    }
  });

  it.each([
    ['what is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['more than was asked for', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxyz'],
    ['a second answer', 'HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n'],
    ['a chunk without a size', `${CHUNKED}zz\r\n`],
    ['a head without an end', 'x'.repeat(300_000)],
  ])('refuses %s', (_what, text) => {
    expect(() => readIn(text.length, text)).toThrow(expect.objectContaining({ name: 'ProtocolError' }));
  });

  it('finds fields whatever their case', () => {
    const answer = readIn(1000, 'HTTP/1.1 202 Accepted\r\nLOCATION: /v2/a/b\r\nContent-Length: 0\r\n\r\n');
    expect(answer && fieldOf(answer, 'location')).toBe('/v2/a/b');
    expect(answer && fieldOf(answer, 'link')).toBeUndefined();
  });
});
