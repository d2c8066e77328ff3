import { algorithmOf, digestOf, parseDigest, type Algorithm, type Digest } from '../oci/index.ts';
import { discard, findLength, receive } from './answer.ts';
import { gather, openSource, slice, verify } from './body.ts';
import { ClientError } from './errors.ts';
import { createPaths } from './paths.ts';
import { labelOf, type Call, type Transport } from './transport.ts';
import type { BlobClient, BlobContent, BlobInfo, BlobRange, BlobSource, PushOptions } from './types.ts';
import { createUploads, pushChunks, pushWhole, type Session } from './upload.ts';

const MAX_READ_BYTES = 16 * 1024 * 1024;
const CHUNK_BYTES = 8 * 1024 * 1024;

export function createBlobs(transport: Transport): BlobClient {
  const { root, send } = transport;

  /** `scope`: what a push goes on to need, so that one token does for all of it. */
  async function findBlob(
    url: URL,
    digest: string,
    scope: string,
    signal: AbortSignal | undefined,
  ): Promise<BlobInfo | undefined> {
    const call: Call = { method: 'HEAD', url, scopes: [scope], expect: [200, 404], signal };
    const response = await send(call);
    if (response.status === 404) return undefined;
    const size = findLength(response);
    if (size === undefined) throw new ClientError('protocol', `${labelOf(call)}: no Content-Length`);
    return { digest: parseDigest(digest), size };
  }

  const client: BlobClient = {
    async headBlob(repository, digest, { signal } = {}) {
      const paths = createPaths(root, repository);
      return findBlob(paths.blob(digest), digest, paths.scope('pull'), signal);
    },

    async getBlob(repository, text, { size, range, signal } = {}) {
      const paths = createPaths(root, repository);
      const [url, scopes, digest] = [paths.blob(text), [paths.scope('pull')], parseDigest(text)];
      const wanted = range && { headers: { range: `bytes=${range.start}-${range.end ?? ''}` } };
      const call: Call = { method: 'GET', url, scopes, expect: range ? [200, 206] : [200], signal, ...wanted };
      const response = await send(call);
      const [body, what, length] = [receive(response, call), labelOf(call), findLength(response)];
      if (range && response.status === 206) {
        const part = findPart(response, range);
        if (part === undefined) {
          await discard(response);
          throw new ClientError('protocol', `${what}: another part than the one asked for was answered`);
        }
        return toContent(response, verify(body, what, { size: part }), part);
      }
      const whole = verify(body, what, { digest, size: size ?? length });
      if (!range) return toContent(response, whole, size ?? length);
      // A registry may ignore ranges.
      return toContent(response, slice(whole, range.start, (range.end ?? Infinity) - range.start + 1), undefined);
    },

    async readBlob(repository, digest, { limit = MAX_READ_BYTES, signal } = {}) {
      return gather(await client.getBlob(repository, digest, { signal }), limit, digest);
    },

    async pushBlob(repository, content, options = {}) {
      const { signal, from, chunkBytes } = options;
      const paths = createPaths(root, repository);
      const uploads = createUploads(transport, paths, signal);
      const { digest, size, algorithm } = inspect(content, options);
      let session: Session | undefined;
      if (digest) {
        if (from !== undefined) session = await uploads.mount(digest, createPaths(root, from));
        const there = session
          ? undefined
          : await findBlob(paths.blob(digest), digest, paths.scope('pull', 'push'), signal);
        if (there) return there;
      }
      session ??= await uploads.open(algorithm);
      if (digest && size !== undefined && chunkBytes === undefined) {
        return pushWhole(uploads, session, content, { digest, size });
      }
      const expected = { algorithm, digest, size, chunkBytes: chunkBytes ?? CHUNK_BYTES };
      return pushChunks(uploads, session, openSource(content), expected);
    },

    async mountBlob(repository, digest, from, { signal } = {}) {
      const paths = createPaths(root, repository);
      const uploads = createUploads(transport, paths, signal);
      const session = await uploads.mount(parseDigest(digest), from === undefined ? from : createPaths(root, from));
      if (session) await uploads.cancel(session);
      return !session;
    },

    async deleteBlob(repository, digest, { signal } = {}) {
      const paths = createPaths(root, repository);
      const [url, scopes] = [paths.blob(digest), [paths.scope('delete')]];
      await send({ method: 'DELETE', url, scopes, expect: [200, 202, 204], signal }).then(discard);
    },
  };
  return client;
}

/** What is known of content before any of it was sent. */
function inspect(
  content: BlobSource,
  { digest, size, algorithm = 'sha256' }: PushOptions,
): Readonly<{ digest: Digest | undefined; size: number | undefined; algorithm: Algorithm }> {
  const bytes = content instanceof Uint8Array ? content : undefined;
  const known = digest === undefined ? bytes && digestOf(bytes, algorithm) : parseDigest(digest);
  return { digest: known, size: size ?? bytes?.length, algorithm: known ? algorithmOf(known) : algorithm };
}

function toContent(
  { body }: Response,
  stream: AsyncGenerator<Uint8Array, void, void>,
  size: number | undefined,
): BlobContent {
  return {
    size,
    [Symbol.asyncIterator]: () => stream,
    async cancel() {
      await stream.return();
      await body?.cancel();
    },
  };
}

/** The length of a part, by its `Content-Range`; undefined where it is not the one that was asked for. */
function findPart({ headers }: Response, { start, end = Infinity }: BlobRange): number | undefined {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(?:\d{1,15}|\*)$/.exec(headers.get('content-range') ?? '');
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  return first === start && last >= first && last <= end ? last - first + 1 : undefined;
}
