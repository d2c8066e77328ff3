import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../pkg/oci/index.ts';
import { chunkedBody, type Body } from './body.ts';
import { contentFor, createContents, cut } from './content.ts';

const bytesOf = ({ pieces }: Body): Buffer => Buffer.concat([...pieces()]);
const MIB = 1024 * 1024;

describe('contentFor', () => {
  it.each([0, 1, 4096, MIB, MIB + 1, 3 * MIB])('makes %d bytes that have the digest it says', (sizeBytes) => {
    const { digest, body } = contentFor('a', sizeBytes);
    const bytes = bytesOf(body);
    expect(bytes).toHaveLength(sizeBytes);
    expect(digestOf(bytes)).toBe(digest);
  });

  it('makes the same for a name, and something else for another', () => {
    expect(contentFor('a', 100).digest).toBe(contentFor('a', 100).digest);
    expect(contentFor('a', 100).digest).not.toBe(contentFor('b', 100).digest);
  });
});

describe('createContents', () => {
  it.each([16, 4096, MIB, MIB + 17, 3 * MIB])(
    'makes ever other contents of %d bytes with their digests',
    (sizeBytes) => {
      const makers = [createContents(sizeBytes), createContents(sizeBytes)];
      const contents = makers.flatMap((next) => [next(), next()]);
      for (const { digest, body } of contents) {
        const bytes = bytesOf(body);
        expect(bytes).toHaveLength(sizeBytes);
        expect(body.sizeBytes).toBe(sizeBytes);
        expect(digestOf(bytes)).toBe(digest);
      }
      expect(new Set(contents.map(({ digest }) => digest)).size).toBe(4);
    },
  );

  it('refuses sizes in which there is no room to differ', () => {
    expect(() => createContents(15)).toThrow(RangeError);
  });
});

describe('cut', () => {
  it.each([
    [MIB, 3 * MIB + 5],
    [1.5 * MIB, 3 * MIB],
    [4096, 10_000],
    [MIB, MIB],
  ])('cuts into chunks of %d bytes, the last one shorter, and loses nothing', (chunkBytes, sizeBytes) => {
    const { body } = createContents(sizeBytes)();
    const chunks = [...cut(body, chunkBytes)];
    expect(chunks.slice(0, -1).every((chunk) => chunk.sizeBytes === chunkBytes)).toBe(true);
    expect(chunks.every((chunk) => bytesOf(chunk).length === chunk.sizeBytes)).toBe(true);
    expect(Buffer.concat(chunks.map(bytesOf)).equals(bytesOf(body))).toBe(true);
  });
});

describe('chunkedBody', () => {
  it('frames each piece by its length', () => {
    const body = { sizeBytes: 14, pieces: () => [Buffer.from('wiki'), Buffer.from('0123456789')] };
    expect(bytesOf(chunkedBody(body)).toString()).toBe('4\r\nwiki\r\na\r\n0123456789\r\n0\r\n\r\n');
  });
});
