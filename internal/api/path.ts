import {
  findDigest,
  findRepositoryName,
  findUploadId,
  OciError,
  parseDigest,
  parseReference,
  parseRepositoryName,
} from '../../pkg/oci/index.ts';
import type { Digest, Reference, RepositoryName, UploadId } from '../../pkg/oci/index.ts';

/** What a path below `/v2` names; `path` is the route's template. */
export type Target =
  | Readonly<{ path: '/v2/' }>
  | Readonly<{ path: '/v2/_catalog' }>
  | Readonly<{ path: '/v2/{name}/manifests/{reference}'; repository: RepositoryName; reference: Reference }>
  | Readonly<{ path: '/v2/{name}/blobs/{digest}'; repository: RepositoryName; digest: Digest }>
  | Readonly<{ path: '/v2/{name}/blobs/uploads/'; repository: RepositoryName }>
  | Readonly<{ path: '/v2/{name}/blobs/uploads/{uuid}'; repository: RepositoryName; id: UploadId }>
  | Readonly<{ path: '/v2/{name}/tags/list'; repository: RepositoryName }>
  | Readonly<{ path: '/v2/{name}/referrers/{digest}'; repository: RepositoryName; digest: Digest }>;

export type TargetPath = Target['path'];

/** A path whose shape is known, its values not yet checked: the method is judged before them. */
export interface PathMatch {
  readonly path: TargetPath;
  /** Checks the values: NAME_INVALID, DIGEST_INVALID, MANIFEST_INVALID or BLOB_UPLOAD_UNKNOWN. */
  readonly parse: () => Target;
}

const PREFIX = '/v2';

/** Only the colon of a digest may come encoded: a name or tag has nothing to encode, and two spellings are one too many. */
const decodeColon = (text: string): string => text.replace(/%3a/i, ':');

/**
 * Which route a path is, read from its end, so that a repository may be called `a/blobs/b` or `a/tags/list`.
 * PATH_INVALID or PATH_UNKNOWN where it is none.
 */
export function matchPath(pathname: string): PathMatch {
  if (pathname === PREFIX || pathname === `${PREFIX}/`) return { path: '/v2/', parse: () => ({ path: '/v2/' }) };
  if (pathname === `${PREFIX}/_catalog`) return { path: '/v2/_catalog', parse: () => ({ path: '/v2/_catalog' }) };
  const segments = pathname.slice(PREFIX.length + 1).split('/');
  const last = segments.at(-1) ?? '';
  const kind = segments.at(-2);
  const name = (length: number): string => segments.slice(0, -length).join('/');

  if (segments.at(-3) === 'blobs' && kind === 'uploads' && segments.length > 3) return matchUpload(name(3), last);
  if (kind === 'blobs' && last === 'uploads' && segments.length > 2) return matchUpload(name(2), '');
  if (segments.length > 2) {
    const text = name(2);
    switch (kind) {
      case 'manifests':
        return {
          path: '/v2/{name}/manifests/{reference}',
          parse: () => ({
            path: '/v2/{name}/manifests/{reference}',
            repository: parseRepositoryName(text),
            reference: parseReference(decodeColon(last)),
          }),
        };
      case 'blobs':
        return {
          path: '/v2/{name}/blobs/{digest}',
          parse: () => ({
            path: '/v2/{name}/blobs/{digest}',
            repository: parseRepositoryName(text),
            digest: parseDigest(decodeColon(last)),
          }),
        };
      case 'referrers':
        return {
          path: '/v2/{name}/referrers/{digest}',
          parse: () => ({
            path: '/v2/{name}/referrers/{digest}',
            repository: parseRepositoryName(text),
            digest: parseDigest(decodeColon(last)),
          }),
        };
      case 'tags':
        if (last !== 'list') break;
        return {
          path: '/v2/{name}/tags/list',
          parse: () => ({ path: '/v2/{name}/tags/list', repository: parseRepositoryName(text) }),
        };
      default:
    }
  }
  throw new OciError(findRepositoryName(segments.join('/')) ? 'PATH_UNKNOWN' : 'PATH_INVALID');
}

function matchUpload(name: string, last: string): PathMatch {
  if (last === '') {
    return {
      path: '/v2/{name}/blobs/uploads/',
      parse: () => ({ path: '/v2/{name}/blobs/uploads/', repository: parseRepositoryName(name) }),
    };
  }
  return {
    path: '/v2/{name}/blobs/uploads/{uuid}',
    parse: () => {
      const repository = parseRepositoryName(name);
      const id = findUploadId(last);
      if (!id) throw new OciError('BLOB_UPLOAD_UNKNOWN');
      return { path: '/v2/{name}/blobs/uploads/{uuid}', repository, id };
    },
  };
}

/** A digest in a query parameter; undefined where the parameter is absent, DIGEST_INVALID where it is malformed. */
export function findQueryDigest(query: URLSearchParams, name: string): Digest | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  return findDigest(text) ?? parseDigest(text);
}
