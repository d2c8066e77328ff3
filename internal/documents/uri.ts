import { findRepositoryName, type RepositoryName } from '../../pkg/oci/index.ts';
import { PlaceInvalid } from './types.ts';

export interface FilePlace {
  readonly kind: 'file';
  /** As written: relative ones start from the working directory. */
  readonly path: string;
}

export interface OciPlace {
  readonly kind: 'oci';
  /** `https://ghcr.io` */
  readonly origin: string;
  readonly host: string;
  readonly repository: RepositoryName;
}

export interface S3Place {
  readonly kind: 's3';
  /** `http://localhost:9000`; undefined for AWS itself. */
  readonly endpoint: string | undefined;
  readonly bucket: string;
  readonly key: string;
  /** What the URI says itself, in its query or its host. */
  readonly region: Readonly<{ asked?: string; ofHost?: string }>;
}

export type ParsedPlace = FilePlace | OciPlace | S3Place;

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is;
const SCHEMES = 'file, oci, s3, s3+http, oci+http';

/** Where a document is (cola contract, section 8). Throws PlaceInvalid, which repeats no credentials. */
export function parsePlace(text: string): ParsedPlace {
  const uri = text.trim();
  if (uri === '') throw new PlaceInvalid('the storage URI is empty');
  const [, scheme, rest = ''] = SCHEME.exec(uri) ?? [undefined, 'file', uri];
  switch (scheme?.toLowerCase()) {
    case 'file':
      return parseFile(rest);
    case 'oci':
      return parseOci(rest, 'https');
    case 'oci+http':
      return parseOci(rest, 'http');
    case 's3':
      return parseS3(rest, 'https');
    case 's3+http':
      return parseS3(rest, 'http');
    default:
      throw new PlaceInvalid(`unsupported storage scheme "${scheme}"; supported schemes: ${SCHEMES}`);
  }
}

/** A URI as it may be shown: without what could be credentials in it. */
export function showPlace(text: string): string {
  const uri = text.trim();
  const shown = uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/is, '$1***@');
  return /^(?:file:\/\/|[^:]*$)/i.test(uri) ? shown : shown.replaceAll(/(?<=[?&](?!region=)[^=&#]*=)[^&#]*/g, '***');
}

function parseFile(rest: string): FilePlace {
  // `file:///C:/r.json` is how a URL has a drive.
  const path = rest.replace(/^\/(?=[a-z]:[/\\])/i, '');
  if (path === '') throw new PlaceInvalid('a file:// URI needs a path: file://./data/registry.json');
  if (/[/\\]$/.test(path) || path.includes('\0')) throw new PlaceInvalid('a file:// URI names a file, not a folder');
  return { kind: 'file', path };
}

function parseOci(rest: string, protocol: 'http' | 'https'): OciPlace {
  if (/[?#]/.test(rest)) throw new PlaceInvalid('an oci:// URI has no query and no fragment');
  const { host, path } = splitHost(rest, 'oci');
  if (path.includes('@')) throw new PlaceInvalid('an oci:// URI names a repository, not a digest: its document moves');
  const [name = ''] = path.split(':'); // the tag is always `latest`
  const repository = findRepositoryName(name);
  if (repository === undefined) {
    throw new PlaceInvalid(
      name === '' ? 'an oci:// URI needs a repository: oci://HOST/repository' : `"${name}" is no name of a repository`,
    );
  }
  return { kind: 'oci', origin: originOf(protocol, host, 'oci'), host, repository };
}

const AWS_HOST = /^(?:(.+)\.)?s3(?:[.-]([a-z]{2}(?:-[a-z]+)+-\d))?\.amazonaws\.com(\.cn)?$/i;

function parseS3(rest: string, protocol: 'http' | 'https'): S3Place {
  if (rest.includes('#')) throw new PlaceInvalid('an s3:// URI has no fragment');
  const [address = '', query] = rest.split(/\?(.*)/s);
  const asked = parseRegion(query);
  const { host, path } = splitHost(address, 's3');
  const [, ofBucket, ofHost, china] = AWS_HOST.exec(host) ?? [];
  const slash = path.indexOf('/');
  const inPath = slash < 0 ? [path, ''] : [path.slice(0, slash), path.slice(slash + 1)];
  const [bucket = '', key = ''] = ofBucket === undefined ? inPath : [ofBucket, path];
  if (bucket === '') throw new PlaceInvalid('an s3:// URI needs a bucket: s3://ENDPOINT/bucket/key.json');
  if (key === '' || key.endsWith('/'))
    throw new PlaceInvalid('an s3:// URI needs a key: s3://ENDPOINT/bucket/key.json');
  const region = {
    ...(asked !== undefined && { asked }),
    ...(ofHost !== undefined && { ofHost: ofHost.toLowerCase() }),
  };
  const isAws = AWS_HOST.test(host) && protocol === 'https' && china === undefined;
  return {
    kind: 's3',
    endpoint: isAws ? undefined : originOf(protocol, serviceOf(host, ofBucket), 's3'),
    bucket,
    key,
    region,
  };
}

/** The host of the service, where the bucket's name stands before it. */
const serviceOf = (host: string, bucket: string | undefined): string =>
  bucket === undefined ? host : host.slice(bucket.length + 1);

function parseRegion(query: string | undefined): string | undefined {
  if (query === undefined) return undefined;
  const given = [...new URLSearchParams(query)];
  const other = given.find(([name]) => name !== 'region');
  if (other) throw new PlaceInvalid(`an s3:// URI takes ?region=... and nothing else: not "${other[0]}"`);
  const region = given.at(-1)?.[1] ?? '';
  if (!/^[a-z0-9-]+$/i.test(region)) throw new PlaceInvalid('?region= needs the name of a region: ?region=eu-west-1');
  return region;
}

function splitHost(rest: string, scheme: string): { host: string; path: string } {
  const slash = rest.indexOf('/');
  const host = slash < 0 ? rest : rest.slice(0, slash);
  if (host.includes('@')) {
    throw new PlaceInvalid(`an ${scheme}:// URI holds no credentials: give them with --storage-token`);
  }
  if (host === '') throw new PlaceInvalid(`an ${scheme}:// URI needs a ${scheme === 's3' ? 'service' : 'host'}`);
  return { host, path: slash < 0 ? '' : rest.slice(slash + 1) };
}

function originOf(protocol: string, host: string, scheme: string): string {
  const url = URL.parse(`${protocol}://${host}/`);
  if (url === null || url.pathname !== '/') throw new PlaceInvalid(`"${host}" is no host of an ${scheme}:// URI`);
  return url.origin;
}
