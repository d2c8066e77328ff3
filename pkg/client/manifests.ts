import {
  algorithmOf,
  digestOf,
  DOCKER_MANIFEST,
  DOCKER_MANIFEST_LIST,
  findDigest,
  findMediaType,
  OCI_IMAGE_INDEX,
  OCI_IMAGE_MANIFEST,
  OCTET_STREAM,
  parseDigest,
  parseTag,
} from '../oci/index.ts';
import { checkClaim, discard, findClaim, findLength, receive } from './answer.ts';
import { gather } from './body.ts';
import { ClientError } from './errors.ts';
import { createPaths } from './paths.ts';
import { labelOf, type Call, type Transport } from './transport.ts';
import type { FetchedManifest, ManifestClient, RequestOptions } from './types.ts';

/** Well above the 4 MiB that registries have to take. */
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;
const KNOWN = [OCI_IMAGE_INDEX, OCI_IMAGE_MANIFEST, DOCKER_MANIFEST_LIST, DOCKER_MANIFEST];
const ACCEPT = [...KNOWN, '*/*;q=0.5'].join(', ');

export function createManifests(transport: Transport): ManifestClient {
  const { root, send } = transport;

  /** A GET or HEAD of a manifest. */
  function read(method: 'GET' | 'HEAD', repository: string, reference: string, { signal }: RequestOptions): Call {
    const paths = createPaths(root, repository);
    const expect = method === 'GET' ? [200] : [200, 404];
    const [url, scopes] = [paths.manifest(reference), [paths.scope('pull')]];
    return { method, url, scopes, headers: { accept: ACCEPT }, expect, signal };
  }

  async function getManifest(
    repository: string,
    reference: string,
    options: RequestOptions = {},
  ): Promise<FetchedManifest> {
    const call = read('GET', repository, reference, options);
    const response = await send(call);
    const bytes = await gather(receive(response, call), MAX_MANIFEST_BYTES, labelOf(call));
    const claimed = findDigest(reference) ?? findClaim(response);
    const digest = digestOf(bytes, claimed && algorithmOf(claimed));
    if (claimed && digest !== claimed) {
      throw new ClientError('corrupt', `${labelOf(call)}: hashes to ${digest}, not to ${claimed}`);
    }
    return { digest, mediaType: typeOf(response), size: bytes.length, bytes };
  }

  async function remove(repository: string, reference: string, { signal }: RequestOptions = {}): Promise<void> {
    const paths = createPaths(root, repository);
    const [url, scopes] = [paths.manifest(reference), [paths.scope('delete')]];
    await send({ method: 'DELETE', url, scopes, expect: [200, 202, 204], signal }).then(discard);
  }

  return {
    getManifest,

    async headManifest(repository, reference, options = {}) {
      const response = await send(read('HEAD', repository, reference, options));
      if (response.status === 404) return undefined;
      const [digest, size] = [findDigest(reference) ?? findClaim(response), findLength(response)];
      if (digest && size !== undefined) return { digest, mediaType: typeOf(response), size };
      // Some registries leave these headers out: then only the manifest itself tells.
      const manifest = await getManifest(repository, reference, options);
      return { digest: manifest.digest, mediaType: manifest.mediaType, size: manifest.size };
    },

    async putManifest(repository, reference, { bytes, mediaType, tags = [] }, { signal } = {}) {
      const paths = createPaths(root, repository);
      const named = findDigest(reference);
      const digest = digestOf(bytes, named && algorithmOf(named));
      const put = async (target: string, tag: readonly string[]): Promise<Response> => {
        const [url, scopes] = [paths.manifest(target, { tag }), [paths.scope('pull', 'push')]];
        const headers = { 'content-type': mediaType };
        const call: Call = { method: 'PUT', url, scopes, headers, body: bytes, expect: [201], signal };
        const response = await send(call).then(discard);
        checkClaim(response, digest, call);
        return response;
      };
      const wanted = named ? tags : [...new Set([reference, ...tags])];
      // One tag needs nothing new of the registry; several go along with the digest, and one by one where that is unknown.
      const together = named !== undefined || wanted.length > 1;
      const first = await put(together ? (named ?? digest) : reference, together ? wanted : []);
      const set = together ? tagsOf(first) : wanted;
      for (const tag of wanted) if (!set.includes(tag)) await put(tag, []);
      return { digest, subject: first.headers.get('oci-subject') ?? undefined };
    },

    deleteManifest: async (repository, digest, options) => remove(repository, parseDigest(digest), options),
    deleteTag: async (repository, tag, options) => remove(repository, parseTag(tag), options),
  };
}

function typeOf({ headers }: Response): string {
  return findMediaType(headers.get('content-type') ?? '') ?? OCTET_STREAM;
}

/** The tags that were set along with a digest (distribution-spec: end-7b); none where the registry does not know this. */
function tagsOf({ headers }: Response): readonly string[] {
  return (headers.get('oci-tag') ?? '').split(',').map((tag) => tag.trim());
}
