import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { algorithmOf, digestOf, encodedOf, excerpt, findDigest, parseAlgorithm, parseDigest } from './digest.ts';

const hex = (count: number): string => 'a'.repeat(count);

describe('digests', () => {
  it.each([[`sha256:${hex(64)}`], [`sha512:${hex(128)}`]])('accepts %s', (text) => {
    expect(parseDigest(text)).toBe(text);
  });

  it.each([
    ['empty text', ''],
    ['no algorithm', hex(64)],
    ['63 digits', `sha256:${hex(63)}`],
    ['65 digits', `sha256:${hex(65)}`],
    ['127 digits of sha512', `sha512:${hex(127)}`],
    ['129 digits of sha512', `sha512:${hex(129)}`],
    ['the length of the other algorithm', `sha512:${hex(64)}`],
    ['upper-case digits', `sha256:${'A'.repeat(64)}`],
    ['an upper-case algorithm', `SHA256:${hex(64)}`],
    ['a digit that is no hex', `sha256:${hex(63)}g`],
    ['a full-width digit', `sha256:${hex(63)}\uff11`],
    ['a traversal', 'sha256:../../../etc/passwd'],
    ['a traversal of full length', `sha256:${'../'.repeat(21)}a`],
    ['an encoded slash', `sha256:${hex(61)}%2f`],
    ['a NUL at the end', `sha256:${hex(64)}\0`],
    ['a line feed at the end', `sha256:${hex(64)}\n`],
    ['a space before', ` sha256:${hex(64)}`],
    ['a zero-width space', `sha256:${hex(63)}\u200b`],
    ['md5', `md5:${hex(32)}`],
    ['sha384', `sha384:${hex(96)}`],
    ['two colons', `sha256::${hex(63)}`],
    ['a property of objects', '__proto__'],
  ])('refuses %s', (_what, text) => {
    expect(findDigest(text)).toBeUndefined();
    expect(() => parseDigest(text)).toThrow(expect.objectContaining({ code: 'DIGEST_INVALID' }));
  });

  it('computes and takes apart both algorithms', () => {
    const bytes = Buffer.from('helloworld');
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const digest = digestOf(bytes, algorithm);
      expect(algorithmOf(digest)).toBe(algorithm);
      expect(encodedOf(digest)).toBe(createHash(algorithm).update(bytes).digest('hex'));
    }
  });

  it.each([['md5'], [''], ['SHA256'], ['sha256:'], ['constructor']])('refuses the algorithm %j', (text) => {
    expect(() => parseAlgorithm(text)).toThrow(expect.objectContaining({ code: 'DIGEST_INVALID' }));
  });

  it('sends no more than an excerpt of a long digest back', () => {
    expect(() => parseDigest('x'.repeat(1 << 20))).toThrow(
      expect.objectContaining({ detail: [`${'x'.repeat(200)}...`] }),
    );
    expect(excerpt('short')).toBe('short');
  });
});
