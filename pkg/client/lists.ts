import { OciError, parseDigest, parseManifest, type Descriptor } from '../oci/index.ts';
import { receive } from './answer.ts';
import { gather } from './body.ts';
import { ClientError } from './errors.ts';
import { findNextLink } from './link.ts';
import { createPaths, referrersTag, resolve } from './paths.ts';
import { labelOf, type Call, type Transport } from './transport.ts';
import type { ListClient, ManifestClient, RequestOptions } from './types.ts';

const MAX_PAGE_BYTES = 16 * 1024 * 1024;

interface Page {
  readonly response: Response;
  readonly bytes: Uint8Array;
  readonly what: string;
}

export function createLists(transport: Transport, { getManifest }: Pick<ManifestClient, 'getManifest'>): ListClient {
  const { root } = transport;

  /** What the tag lists that older clients keep up where there is no referrers API; nothing where it is no such list. */
  async function listTagged(
    repository: string,
    digest: string,
    options: RequestOptions,
  ): Promise<readonly Descriptor[]> {
    try {
      const { bytes, mediaType } = await getManifest(repository, referrersTag(parseDigest(digest)), options);
      return parseManifest(bytes, mediaType).manifests;
    } catch (error) {
      if (error instanceof OciError || (error instanceof ClientError && error.status === 404)) return [];
      throw error;
    }
  }

  return {
    async *listTags(repository, { pageSize, last, signal } = {}) {
      const paths = createPaths(root, repository);
      const [url, scopes] = [paths.tags({ n: pageSize, last }), [paths.scope('pull')]];
      yield* listNames(transport, { method: 'GET', url, scopes, expect: [200], signal }, 'tags');
    },

    async *listRepositories({ pageSize, last, signal } = {}) {
      const url = resolve(root, '/v2/_catalog', { n: pageSize, last });
      yield* listNames(
        transport,
        { method: 'GET', url, scopes: ['registry:catalog:*'], expect: [200], signal },
        'repositories',
      );
    },

    async *listReferrers(repository, digest, { artifactType, signal } = {}) {
      const paths = createPaths(root, repository);
      const [url, scopes] = [paths.referrers(digest, { artifactType }), [paths.scope('pull')]];
      const isWanted = (found: Descriptor): boolean =>
        artifactType === undefined || found.artifactType === artifactType;
      for await (const page of listPages(transport, { method: 'GET', url, scopes, expect: [200, 404], signal })) {
        if (page.response.status === 404) {
          yield* (await listTagged(repository, digest, { signal })).filter(isWanted);
          return;
        }
        // A registry may not filter at all, so what comes is filtered once more.
        yield* parseIndex(page).filter(isWanted);
      }
    },
  };
}

async function* listPages({ root, send }: Transport, first: Call): AsyncGenerator<Page, void, void> {
  for (let call = first; ;) {
    const response = await send(call);
    const what = labelOf(call);
    yield { response, what, bytes: await gather(receive(response, call), MAX_PAGE_BYTES, what) };
    const link = findNextLink(response.headers.get('link'));
    if (link === undefined) return;
    const url = URL.parse(link, call.url.href);
    if (url?.origin !== root.origin) throw new ClientError('protocol', `${what}: the next page is at another host`);
    if (url.href === call.url.href) throw new ClientError('protocol', `${what}: the next page is this page`);
    call = { ...call, url };
  }
}

async function* listNames(
  transport: Transport,
  first: Call,
  key: 'tags' | 'repositories',
): AsyncGenerator<string, void, void> {
  for await (const { bytes, what } of listPages(transport, first)) yield* parseNames(bytes, key, what);
}

function parseNames(bytes: Uint8Array, key: string, what: string): readonly string[] {
  let names: unknown;
  try {
    names = (JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown> | null)?.[key] ?? [];
  } catch (error) {
    throw new ClientError('protocol', `${what}: not JSON`, { cause: error });
  }
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  throw new ClientError('protocol', `${what}: ${key} is not a list of names`);
}

function parseIndex({ bytes, what }: Page): readonly Descriptor[] {
  try {
    return parseManifest(bytes, undefined).manifests;
  } catch (error) {
    throw new ClientError('protocol', `${what}: not an index`, { cause: error });
  }
}
