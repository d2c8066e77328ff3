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
const NAME_AT = PREFIX.length + 1;

/** Only the colon of a digest may come encoded: a name or tag has nothing to encode, and two spellings are one too many. */
const decodeColon = (text: string): string => (text.includes('%') ? text.replace(/%3a/i, ':') : text);

type Reader = (name: string, last: string) => PathMatch;

/** The routes that are told by the segment before their last one. */
const READERS: Readonly<Record<string, Reader>> = {
  manifests: (name, last) => {
    const path = '/v2/{name}/manifests/{reference}';
    return {
      path,
      parse: () => ({ path, repository: parseRepositoryName(name), reference: parseReference(decodeColon(last)) }),
    };
  },
  blobs: (name, last) => {
    if (last === 'uploads') return readUploads(name);
    const path = '/v2/{name}/blobs/{digest}';
    return {
      path,
      parse: () => ({ path, repository: parseRepositoryName(name), digest: parseDigest(decodeColon(last)) }),
    };
  },
  referrers: (name, last) => {
    const path = '/v2/{name}/referrers/{digest}';
    return {
      path,
      parse: () => ({ path, repository: parseRepositoryName(name), digest: parseDigest(decodeColon(last)) }),
    };
  },
};

function readUploads(name: string): PathMatch {
  const path = '/v2/{name}/blobs/uploads/';
  return { path, parse: () => ({ path, repository: parseRepositoryName(name) }) };
}

function readUpload(name: string, last: string): PathMatch {
  const path = '/v2/{name}/blobs/uploads/{uuid}';
  return {
    path,
    parse: () => {
      const repository = parseRepositoryName(name);
      const id = findUploadId(last);
      if (!id) throw new OciError('BLOB_UPLOAD_UNKNOWN');
      return { path, repository, id };
    },
  };
}

function readTags(name: string): PathMatch {
  const path = '/v2/{name}/tags/list';
  return { path, parse: () => ({ path, repository: parseRepositoryName(name) }) };
}

/**
 * Which route a path is, read from its end, so that a repository may be called `a/blobs/b` or `a/tags/list`.
 * PATH_INVALID or PATH_UNKNOWN where it is none.
 */
export function matchPath(pathname: string): PathMatch {
  if (pathname === PREFIX || pathname === `${PREFIX}/`) return { path: '/v2/', parse: () => ({ path: '/v2/' }) };
  if (pathname === `${PREFIX}/_catalog`) return { path: '/v2/_catalog', parse: () => ({ path: '/v2/_catalog' }) };
  const lastAt = pathname.lastIndexOf('/');
  const kindAt = pathname.lastIndexOf('/', lastAt - 1);
  const last = pathname.slice(lastAt + 1);
  const kind = pathname.slice(kindAt + 1, lastAt);
  if (kind === 'uploads') {
    const blobsAt = pathname.lastIndexOf('/', kindAt - 1);
    if (blobsAt >= NAME_AT && pathname.slice(blobsAt + 1, kindAt) === 'blobs') {
      const name = pathname.slice(NAME_AT, blobsAt);
      return last === '' ? readUploads(name) : readUpload(name, last);
    }
  }
  if (kindAt >= NAME_AT) {
    const name = pathname.slice(NAME_AT, kindAt);
    if (kind === 'tags' && last === 'list') return readTags(name);
    const reader = Object.hasOwn(READERS, kind) ? READERS[kind] : undefined;
    if (reader) return reader(name, last);
  }
  throw new OciError(findRepositoryName(pathname.slice(NAME_AT)) ? 'PATH_UNKNOWN' : 'PATH_INVALID');
}

/** A digest in a query parameter; undefined where the parameter is absent, DIGEST_INVALID where it is malformed. */
export function findQueryDigest(query: URLSearchParams, name: string): Digest | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  return findDigest(text) ?? parseDigest(text);
}
