import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { digestOf, findUploadId, parseRepositoryName, parseTag, type Digest, type Tag } from '../../pkg/oci/index.ts';
import type { Key } from './driver.ts';
import { blobKey, findStored, recordKey, uploadKey } from './layout.ts';

const SHA256 = digestOf(Buffer.from('hello'));
const SHA512 = digestOf(Buffer.from('hello'), 'sha512');
const ID = findUploadId('3f0e1c52-8a67-4f0e-9d0c-5a2f7f2b9a10')!;

const part = fc.stringMatching(/^[a-z0-9]{1,5}((\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}$/);
const repositories = fc
  .array(part, { minLength: 1, maxLength: 4 })
  .map((parts) => parseRepositoryName(parts.join('/')));
const tags = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/).map(parseTag);
const digests = fc
  .tuple(fc.uint8Array(), fc.constantFrom('sha256' as const, 'sha512' as const))
  .map(([bytes, algorithm]) => digestOf(bytes, algorithm));

describe('layout', () => {
  it('fans blobs out over two levels, by algorithm', () => {
    const hex = SHA256.slice(7);
    expect(blobKey(SHA256)).toBe(`blobs/sha256/${hex.slice(0, 2)}/${hex.slice(2, 4)}/${hex}`);
    expect(blobKey(SHA512)).toMatch(/^blobs\/sha512\/..\/..\/[0-9a-f]{128}$/);
  });

  it('keeps each upload as one object', () => {
    expect(uploadKey(ID)).toBe('uploads/3f0e1c52-8a67-4f0e-9d0c-5a2f7f2b9a10');
  });

  it.each<[string, string, string]>([
    ['team/my.app', '1.0', 'manifests/team!my.app/1.0'],
    ['a_b', 'latest', 'manifests/a_b/latest'],
    ['a/b', 'latest', 'manifests/a!b/latest'],
    ['a', 'b', 'manifests/a/b'],
    ['a', 'V1-RC', 'manifests/a/!v1-!r!c'],
    ['a', 'v1-rc', 'manifests/a/v1-rc'],
  ])('keeps the record of %s:%s in %s', (repository, tag, key) => {
    expect(recordKey(parseRepositoryName(repository), parseTag(tag))).toBe(key);
  });

  it('keeps the record of a manifest under its digest', () => {
    expect(recordKey(parseRepositoryName('a'), SHA256)).toBe(`manifests/a/${SHA256}`);
  });

  it('reads back every key that it makes', () => {
    const made = fc.oneof(
      digests.map((digest) => ({ key: blobKey(digest), stored: { kind: 'blob', digest } })),
      fc.tuple(repositories, fc.oneof<fc.Arbitrary<Tag | Digest>[]>(tags, digests)).map(([repository, name]) => ({
        key: recordKey(repository, name),
        stored: { kind: 'record', repository, name },
      })),
      fc.uuid().map((text) => ({ key: uploadKey(findUploadId(text)!), stored: { kind: 'upload', id: text } })),
    );
    fc.assert(fc.property(made, ({ key, stored }) => expect(findStored(key)).toEqual(stored)));
  });

  it('never gives two names one key, not even where a folder ignores case', () => {
    const names = fc.tuple(repositories, tags);
    fc.assert(
      fc.property(names, names, ([repository, tag], [otherRepository, otherTag]) => {
        const same = repository === otherRepository && tag === otherTag;
        const [key, other] = [recordKey(repository, tag), recordKey(otherRepository, otherTag)];
        expect(key.toLowerCase() === other.toLowerCase()).toBe(same);
      }),
    );
    expect(recordKey(parseRepositoryName('a'), parseTag('V1'))).not.toBe(
      recordKey(parseRepositoryName('a'), parseTag('v1')),
    );
  });

  it('keeps every segment within what file systems take', () => {
    const repository = parseRepositoryName(Array.from({ length: 128 }, () => 'a').join('/'));
    for (const text of ['A'.repeat(128), `${'A'.repeat(127)}b`, 'a'.repeat(128), `_${'Z'.repeat(127)}`]) {
      const key = recordKey(repository, parseTag(text));
      expect(Math.max(...key.split('/').map((segment) => segment.length))).toBeLessThanOrEqual(255);
      expect(findStored(key)).toEqual({ kind: 'record', repository, name: text });
    }
  });

  it.each([
    'blobs',
    'blobs/sha256/00/00/../../../../etc/passwd',
    `blobs/sha256/00/00/${SHA256.slice(7)}`,
    `blobs/md5/ab/cd/${'ab'.repeat(16)}`,
    `${blobKey(SHA256)}/more`,
    'manifests/a',
    'manifests/a/V1',
    'manifests/a/!1',
    'manifests/a/!!v1',
    'manifests/A/v1',
    'manifests/!a/v1',
    'manifests/a/.hidden',
    'manifests/a/sha256:00',
    'manifests/a/b/c',
    'uploads/nothing',
    `uploads/${ID.toUpperCase()}`,
    'elsewhere/a',
    '',
  ])('does not take %j for a key of its own', (key) => {
    expect(findStored(key as Key)).toBeUndefined();
  });
});
