import { describe, expect, it } from '@jest/globals';
import { digestOf } from './digest.ts';
import { findRepositoryName, findTag, findUploadId, parseReference, parseRepositoryName, parseTag } from './name.ts';

const NAMES = [
  'a',
  '0',
  'library/alpine',
  'my.repo/app_x/y-z',
  'a--b',
  'a----b/c',
  'a__b',
  'a/b/c/d/e/f',
  'blobs/uploads',
  'manifests/tags/list',
  'a/referrers/b',
  'a'.repeat(255),
  `${'a/'.repeat(127)}a`,
  `${'a-'.repeat(127)}a`,
];

const BAD_NAMES: readonly (readonly [string, string])[] = [
  ['empty text', ''],
  ['256 characters', 'a'.repeat(256)],
  ['upper case', 'Library/alpine'],
  ['one upper-case letter', 'library/alpinE'],
  ['a leading slash', '/a'],
  ['a trailing slash', 'a/'],
  ['two slashes', 'a//b'],
  ['dots alone', '..'],
  ['one dot alone', '.'],
  ['a traversal', '../etc/passwd'],
  ['a traversal inside', 'a/../b'],
  ['a dot segment inside', 'a/./b'],
  ['a leading dot', '.a'],
  ['a trailing dot', 'a.'],
  ['two dots', 'a..b'],
  ['three underscores', 'a___b'],
  ['a leading underscore', '_a'],
  ['the catalog', '_catalog'],
  ['a leading dash', '-a'],
  ['a trailing dash', 'a-'],
  ['a dash and a dot', 'a-.b'],
  ['a segment that ends in a separator', 'a_/b'],
  ['an encoded traversal', '%2e%2e%2fa'],
  ['an encoded slash', 'a%2fb'],
  ['a double encoding', 'a%252fb'],
  ['a backslash', 'a\\b'],
  ['an encoded backslash', '..%5ca'],
  ['a NUL', 'a\0b'],
  ['an encoded NUL', 'a%00'],
  ['a line feed at the end', 'a\n'],
  ['a carriage return', 'a\rb'],
  ['a space', 'a b'],
  ['a colon', 'a:b'],
  ['an at sign', 'a@b'],
  ['a question mark', 'a?b'],
  ['an exclamation mark', 'a!b'],
  ['a letter with an accent', 'caf\u00e9'],
  ['a Cyrillic a', '\u0430bc'],
  ['a full-width letter', '\uff41'],
  ['an Arabic digit', 'a\u0661'],
  ['a right-to-left override', 'a\u202eb'],
  ['a zero-width space', 'a\u200bb'],
  ['a zero-width joiner', 'a\u200db'],
  ['a byte order mark', '\ufeffa'],
  ['a soft hyphen', 'a\u00adb'],
  ['a lone surrogate', 'a\ud800'],
  ['an emoji', 'a\u{1f600}'],
  ['the Kelvin sign', '\u212a'],
];

describe('repository names', () => {
  it.each(NAMES)('accepts %s', (text) => {
    expect(parseRepositoryName(text)).toBe(text);
  });

  it.each(BAD_NAMES)('refuses %s', (_what, text) => {
    expect(findRepositoryName(text)).toBeUndefined();
    expect(() => parseRepositoryName(text)).toThrow(expect.objectContaining({ code: 'NAME_INVALID' }));
  });
});

describe('tags', () => {
  it.each(['latest', '1.0', '_x', 'A', 'V1.2-rc.1_b', '0', 'a'.repeat(128), 'a..b', 'a--'])('accepts %s', (text) => {
    expect(parseTag(text)).toBe(text);
  });

  it.each([
    ['empty text', ''],
    ['129 characters', 'a'.repeat(129)],
    ['a leading dot', '.a'],
    ['dots alone', '..'],
    ['a leading dash', '-a'],
    ['a slash', 'a/b'],
    ['a traversal', '../a'],
    ['a colon', 'a:b'],
    ['a plus', '1.0+build'],
    ['a line feed at the end', 'a\n'],
    ['a line feed inside', 'a\nb'],
    ['a NUL', 'a\0'],
    ['a percent sign', 'a%2f'],
    ['a backslash', 'a\\b'],
    ['a zero-width space', 'a\u200b'],
    ['a right-to-left override', '\u202ea'],
    ['a letter with an accent', '\u00e9'],
  ])('refuses %s', (_what, text) => {
    expect(findTag(text)).toBeUndefined();
    expect(() => parseTag(text)).toThrow(expect.objectContaining({ code: 'MANIFEST_INVALID' }));
  });
});

describe('references', () => {
  const digest = digestOf(Buffer.from('x'));

  it('reads a tag and a digest', () => {
    expect(parseReference('latest')).toEqual({ kind: 'tag', tag: 'latest' });
    expect(parseReference(digest)).toEqual({ kind: 'digest', digest });
  });

  it.each([
    ['sha256:abc', 'DIGEST_INVALID'],
    [`md5:${'a'.repeat(32)}`, 'DIGEST_INVALID'],
    [':', 'DIGEST_INVALID'],
    ['.latest', 'MANIFEST_INVALID'],
    [digest.replace(':', '/'), 'MANIFEST_INVALID'],
  ])('refuses %s with %s', (text, code) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code }));
  });
});

describe('upload ids', () => {
  const id = '3f0e1c52-8a67-4f0e-9d0c-5a2f7f2b9a10';

  it('accepts a UUID in lower case', () => {
    expect(findUploadId(id)).toBe(id);
  });

  it.each([
    ['upper case', id.toUpperCase()],
    ['no dashes', id.replaceAll('-', '')],
    ['a line feed at the end', `${id}\n`],
    ['braces', `{${id}}`],
    ['a traversal', `../${id.slice(3)}`],
    ['empty text', ''],
  ])('does not find one in %s', (_what, text) => {
    expect(findUploadId(text)).toBeUndefined();
  });
});

describe('long input', () => {
  /** Says how long it is, and counts who wants to read more than that. */
  function createProbe(text: string): { probe: string; reads: () => number } {
    let reads = 0;
    const read = (): string => {
      reads++;
      return text;
    };
    return { probe: { length: text.length, toString: read, valueOf: read } as unknown as string, reads: () => reads };
  }

  it.each([
    ['repository name', findRepositoryName],
    ['tag', findTag],
    ['upload id', findUploadId],
  ])('refuses a %s of a megabyte by its length, without reading it', (_what, find: (text: string) => unknown) => {
    const { probe, reads } = createProbe('a-'.repeat(1 << 19));
    expect(find(probe)).toBeUndefined();
    expect(reads()).toBe(0);
  });

  it('reads a name that is short enough, so that the probe above can fail', () => {
    const { probe, reads } = createProbe('a-a');
    findRepositoryName(probe);
    expect(reads()).toBe(1);
  });

  // With a pattern that backtracks exponentially not one of these would end.
  it.each(['a-', 'a--', 'a.', 'a_', 'a__', 'a/', 'a-a/', '-', 'a'])(
    'refuses 254 characters of %j and a bad end',
    (unit) => {
      expect(findRepositoryName(`${unit.repeat(254).slice(0, 254)}!`)).toBeUndefined();
    },
  );
});
