import { parseDigest, parseReference, parseRepositoryName, type Digest, type RepositoryName } from '../oci/index.ts';

type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** Where one repository's resources are. Every name is checked before it becomes part of a URL. */
export interface Paths {
  readonly name: RepositoryName;
  manifest(reference: string, query?: Query): URL;
  blob(digest: string): URL;
  uploads(query?: Query): URL;
  tags(query: Query): URL;
  referrers(digest: string, query: Query): URL;
  /** The scope of a token that allows these actions. */
  scope(...actions: readonly ('pull' | 'push' | 'delete')[]): string;
}

export function createPaths(root: URL, repository: string): Paths {
  const name = parseRepositoryName(repository);
  const at = (rest: string, query?: Query): URL => resolve(root, `/v2/${name}/${rest}`, query);
  return {
    name,
    manifest: (reference, query) => at(`manifests/${checkReference(reference)}`, query),
    blob: (digest) => at(`blobs/${parseDigest(digest)}`),
    uploads: (query) => at('blobs/uploads/', query),
    tags: (query) => at('tags/list', query),
    referrers: (digest, query) => at(`referrers/${parseDigest(digest)}`, query),
    scope: (...actions) => `repository:${name}:${actions.join(',')}`,
  };
}

/** A path of the registry with the members of `query` that are set; a list becomes one parameter each. */
export function resolve(root: URL, path: string, query: Query = {}): URL {
  const url = new URL(path, root);
  for (const [key, value] of Object.entries(query)) {
    for (const item of [value ?? []].flat()) url.searchParams.append(key, String(item));
  }
  return url;
}

function checkReference(text: string): string {
  const reference = parseReference(text);
  return reference.kind === 'tag' ? reference.tag : reference.digest;
}

/** The http(s) URL that a server names in `text`; undefined where it is none, or would lead from https down to http. */
export function findUrl(text: string | null | undefined, base: URL): URL | undefined {
  const url = text ? URL.parse(text, base.href) : null;
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && base.protocol === 'http:') ? url : undefined;
}

/** The tag that lists a manifest's referrers where there is no referrers API (distribution-spec: Referrers Tag Schema). */
export function referrersTag(digest: Digest): string {
  const [algorithm = '', encoded = ''] = digest.split(':');
  return `${algorithm}-${encoded.slice(0, 64)}`;
}
