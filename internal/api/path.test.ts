import { describe, expect, it } from '@jest/globals';
import { matchPath } from './path.ts';

const HEX = 'a'.repeat(64);
const ID = '3f0e1c52-8a67-4f0e-9d0c-5a2f7f2b9a10';

const parse = (pathname: string) => matchPath(pathname).parse();
const code = (value: string) => expect.objectContaining({ code: value });

const REFUSED: readonly (readonly [pathname: string, code: string])[] = [
  ['/v2/A/tags/list', 'NAME_INVALID'],
  ['/v2/a//b/tags/list', 'NAME_INVALID'],
  ['/v2/../etc/tags/list', 'NAME_INVALID'],
  ['/v2/a/../b/tags/list', 'NAME_INVALID'],
  ['/v2/..%2f..%2fetc/tags/list', 'NAME_INVALID'],
  ['/v2/%2e%2e%2fetc/tags/list', 'NAME_INVALID'],
  ['/v2/..%5c/tags/list', 'NAME_INVALID'],
  ['/v2/a%2Fb/tags/list', 'NAME_INVALID'],
  ['/v2/a%00/tags/list', 'NAME_INVALID'],
  ['/v2/a%e2%80%ae/tags/list', 'NAME_INVALID'],
  ['/v2/.a/tags/list', 'NAME_INVALID'],
  ['/v2/a..b/tags/list', 'NAME_INVALID'],
  ['/v2/_catalog/tags/list', 'NAME_INVALID'],
  [`/v2/${'a'.repeat(256)}/tags/list`, 'NAME_INVALID'],
  [`/v2/${'a-'.repeat(500_000)}/tags/list`, 'NAME_INVALID'],
  ['/v2//tags/list', 'NAME_INVALID'],
  ['/v2/a/manifests/', 'MANIFEST_INVALID'],
  ['/v2/a/manifests/.dot', 'MANIFEST_INVALID'],
  ['/v2/a/manifests/-dash', 'MANIFEST_INVALID'],
  [`/v2/a/manifests/${'t'.repeat(129)}`, 'MANIFEST_INVALID'],
  ['/v2/a/manifests/a%0Ab', 'MANIFEST_INVALID'],
  [`/v2/a/manifests/sha256:${'a'.repeat(63)}`, 'DIGEST_INVALID'],
  [`/v2/a/blobs/sha256:${'a'.repeat(65)}`, 'DIGEST_INVALID'],
  [`/v2/a/blobs/sha256:${'A'.repeat(64)}`, 'DIGEST_INVALID'],
  ['/v2/a/blobs/sha256:..%2f..%2fx', 'DIGEST_INVALID'],
  [`/v2/a/blobs/md5:${'a'.repeat(32)}`, 'DIGEST_INVALID'],
  ['/v2/a/blobs/hello', 'DIGEST_INVALID'],
  ['/v2/a/referrers/latest', 'DIGEST_INVALID'],
  ['/v2/a/blobs/uploads/not-a-uuid', 'BLOB_UPLOAD_UNKNOWN'],
  [`/v2/a/blobs/uploads/${ID.toUpperCase()}`, 'BLOB_UPLOAD_UNKNOWN'],
  ['/v2/a', 'PATH_UNKNOWN'],
  ['/v2/a/b/c', 'PATH_UNKNOWN'],
  ['/v2/tags/list', 'PATH_UNKNOWN'],
  ['/v2/a/tags/other', 'PATH_UNKNOWN'],
  ['/v2/A', 'PATH_INVALID'],
  ['/v2/a/tags/list/', 'PATH_INVALID'],
  ['/v2//', 'PATH_INVALID'],
];

describe('matchPath', () => {
  it.each([
    ['/v2', '/v2/'],
    ['/v2/', '/v2/'],
    ['/v2/_catalog', '/v2/_catalog'],
  ])('reads %s', (pathname, path) => {
    expect(parse(pathname)).toEqual({ path });
  });

  it.each([
    'a',
    'my.repo/app_x/y-z',
    'blobs',
    'a/blobs/b',
    'a/manifests',
    'a/blobs/uploads',
    'a/tags/list',
    'referrers/tags',
    'a__b/uploads',
  ])('finds every route of a repository called %s', (repository) => {
    const routes = [
      ['tags/list', { path: '/v2/{name}/tags/list', repository }],
      [
        'manifests/1.0',
        { path: '/v2/{name}/manifests/{reference}', repository, reference: { kind: 'tag', tag: '1.0' } },
      ],
      [
        'manifests/uploads',
        { path: '/v2/{name}/manifests/{reference}', repository, reference: { kind: 'tag', tag: 'uploads' } },
      ],
      [`blobs/sha256:${HEX}`, { path: '/v2/{name}/blobs/{digest}', repository, digest: `sha256:${HEX}` }],
      [`blobs/sha256%3A${HEX}`, { path: '/v2/{name}/blobs/{digest}', repository, digest: `sha256:${HEX}` }],
      [`referrers/sha256:${HEX}`, { path: '/v2/{name}/referrers/{digest}', repository, digest: `sha256:${HEX}` }],
      ['blobs/uploads/', { path: '/v2/{name}/blobs/uploads/', repository }],
      ['blobs/uploads', { path: '/v2/{name}/blobs/uploads/', repository }],
      [`blobs/uploads/${ID}`, { path: '/v2/{name}/blobs/uploads/{uuid}', repository, id: ID }],
    ] as const;
    for (const [rest, target] of routes) expect(parse(`/v2/${repository}/${rest}`)).toEqual(target);
  });

  it.each(REFUSED.map(([pathname, expected]) => [pathname.slice(0, 60), expected, pathname]))(
    'refuses %s with %s',
    (_short, expected, pathname) => {
      expect(() => parse(pathname)).toThrow(code(expected));
    },
  );
});
