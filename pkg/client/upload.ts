import { createHash } from 'node:crypto';
import { OCTET_STREAM, toDigest, type Algorithm, type Digest } from '../oci/index.ts';
import { checkClaim, discard, parseLocation } from './answer.ts';
import { cut, isRepeatable, openSource, verify } from './body.ts';
import { ClientError } from './errors.ts';
import type { Paths } from './paths.ts';
import { waitMs } from './plan.ts';
import type { Call, Transport } from './transport.ts';
import type { BlobInfo, BlobSource } from './types.ts';

/** A registry that wants larger ones asks for too much of our memory. */
const MAX_CHUNK_BYTES = 128 * 1024 * 1024;
const CANCEL_MS = 5000;

/** An upload that the registry has opened. Whoever knows its URL may write to it, so no error tells it. */
export interface Session {
  readonly url: URL;
  /** The least that a chunk but the last may have (`OCI-Chunk-Min-Length`). */
  readonly minChunkBytes: number;
}

/** The steps of pushing a blob to one repository (distribution-spec: end-4a to end-6, end-11, end-13, end-14). */
export interface Uploads {
  open(algorithm: Algorithm): Promise<Session>;
  /** Undefined where the blob was mounted; else the upload that the registry opened instead. */
  mount(digest: Digest, from: Paths | undefined): Promise<Session | undefined>;
  /** Sends one chunk, the blob's bytes from `start` on. Where the connection breaks it goes on from what arrived. */
  append(session: Session, chunk: Uint8Array, start: number): Promise<Session>;
  /** Closes the upload, with all of the content where none was sent before. */
  finish(session: Session, digest: Digest, content?: Readonly<{ body: BlobSource; size: number }>): Promise<void>;
  /** Gives the upload up. Never fails: the registry forgets it in time anyhow. */
  cancel(session: Session): Promise<void>;
}

export function createUploads(transport: Transport, paths: Paths, signal: AbortSignal | undefined): Uploads {
  const { send, sleep, maxRetries } = transport;
  const label = `upload to ${paths.name}`;
  const scopes = [paths.scope('pull', 'push')];

  async function start(url: URL, expect: readonly number[], more: readonly string[] = []): Promise<[Response, Call]> {
    const call: Call = { method: 'POST', url, scopes: [...scopes, ...more], expect, signal };
    return [await send(call).then(discard), call];
  }

  /** How much of the chunk that begins at `from` has arrived. */
  async function locate(session: Session, from: number, length: number): Promise<[Session, number]> {
    const call: Call = { method: 'GET', url: session.url, scopes, label, expect: [200, 204], signal };
    const response = await send(call).then(discard);
    return [moveOn(response, call, session), countReceived(response, from, length, label)];
  }

  return {
    async open(algorithm) {
      const query = algorithm === 'sha256' ? {} : { 'digest-algorithm': algorithm };
      return toSession(...(await start(paths.uploads(query), [202])));
    },

    async mount(digest, from) {
      const url = paths.uploads({ mount: digest, from: from?.name });
      const [response, call] = await start(url, [201, 202], from && [from.scope('pull')]);
      if (response.status === 202) return toSession(response, call);
      checkClaim(response, digest, call);
      return undefined;
    },

    async append(opened, chunk, from) {
      let [session, sent] = [opened, 0];
      for (let retry = 0; ; retry++) {
        try {
          if (retry > 0) [session, sent] = await locate(session, from, chunk.length);
          if (sent === chunk.length) return session;
          const headers = {
            'content-type': OCTET_STREAM,
            'content-range': `${from + sent}-${from + chunk.length - 1}`,
          };
          const body = chunk.subarray(sent);
          const call: Call = { method: 'PATCH', url: session.url, scopes, label, headers, body, expect: [202], signal };
          const response = await send(call).then(discard);
          session = moveOn(response, call, session);
          sent = countReceived(response, from, chunk.length, label);
          if (sent === chunk.length) return session;
          if (retry === maxRetries) throw new ClientError('protocol', `${label}: chunks are taken only in part`);
        } catch (error) {
          if (retry === maxRetries || !isInterruption(error)) throw error;
          await sleep(waitMs(null, retry + 1, 0), signal);
        }
      }
    },

    async finish({ url }, digest, content) {
      const call: Call = {
        method: 'PUT',
        url: withDigest(url, digest),
        scopes,
        label,
        expect: [201],
        signal,
        ...(content && { headers: { 'content-type': OCTET_STREAM }, body: content.body, bodyBytes: content.size }),
      };
      checkClaim(await send(call).then(discard), digest, call);
    },

    async cancel({ url }) {
      try {
        const patience = AbortSignal.timeout(CANCEL_MS); // the caller's own signal may be what ended the upload
        await send({ method: 'DELETE', url, scopes, label, expect: [200, 202, 204], signal: patience }).then(discard);
      } catch {
        // nothing is lost but a little room at the registry, for a day
      }
    },
  };
}

/** Pushes content of which everything is known in one request, straight through. */
export async function pushWhole(
  uploads: Uploads,
  session: Session,
  content: BlobSource,
  { digest, size }: BlobInfo,
): Promise<BlobInfo> {
  const open = (): AsyncIterable<Uint8Array> => verify(openSource(content), 'content', { digest, size });
  try {
    await uploads.finish(session, digest, { body: isRepeatable(content) ? open : open(), size });
    return { digest, size };
  } catch (error) {
    await uploads.cancel(session);
    throw error;
  }
}

/** Pushes content of which not everything is known in pieces that fit in memory, and learns its digest on the way. */
export async function pushChunks(
  uploads: Uploads,
  opened: Session,
  content: AsyncIterable<Uint8Array>,
  expected: Readonly<{
    algorithm: Algorithm;
    digest: Digest | undefined;
    size: number | undefined;
    chunkBytes: number;
  }>,
): Promise<BlobInfo> {
  const hash = createHash(expected.algorithm);
  let [session, size] = [opened, 0];
  try {
    for await (const chunk of cut(content, Math.max(expected.chunkBytes, session.minChunkBytes))) {
      hash.update(chunk);
      session = await uploads.append(session, chunk, size);
      size += chunk.length;
    }
    const digest = toDigest(expected.algorithm, hash.digest('hex'));
    if (digest !== (expected.digest ?? digest) || size !== (expected.size ?? size)) {
      throw new ClientError('corrupt', `content is ${digest} of ${size} bytes, not what was announced`);
    }
    await uploads.finish(session, digest);
    return { digest, size };
  } catch (error) {
    await uploads.cancel(session);
    throw error;
  }
}

function toSession(response: Response, call: Call): Session {
  const minimum = Number(response.headers.get('oci-chunk-min-length') ?? 0);
  if (!(minimum <= MAX_CHUNK_BYTES)) {
    throw new ClientError('protocol', `chunks of at least ${minimum} bytes are more than this client can hold`);
  }
  return { url: parseLocation(response, call), minChunkBytes: minimum };
}

function moveOn(response: Response, call: Call, session: Session): Session {
  return response.headers.has('location') ? { ...session, url: parseLocation(response, call) } : session;
}

/** Bytes of the chunk that the registry has, by its `Range: 0-<last>`; all of them where it says nothing. */
function countReceived({ headers }: Response, from: number, length: number, label: string): number {
  const range = headers.get('range');
  if (range === null) return length;
  const last = Number(/^(?:bytes[= ])?0-(\d{1,15})$/.exec(range)?.[1] ?? Number.NaN);
  // `0-0` is written for nothing as well as for one byte.
  const total = last === 0 && from + length !== 1 ? 0 : last + 1;
  if (total >= from && total <= from + length) return total - from;
  throw new ClientError('protocol', `${label}: the registry's range does not fit what was sent`);
}

/** Whether the same chunk may still get through: nobody answered, something on the way failed, or it is ahead of us. */
function isInterruption(error: unknown): boolean {
  return (
    error instanceof ClientError &&
    (error.failure === 'unreachable' || error.status === 416 || (error.status ?? 0) >= 500)
  );
}

/** The rest of the query stays as the registry wrote it: it may be signed. */
function withDigest(url: URL, digest: Digest): URL {
  const target = new URL(url);
  target.search = `${url.search}${url.search === '' ? '' : '&'}digest=${encodeURIComponent(digest)}`;
  return target;
}
