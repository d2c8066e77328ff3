import { actorOf, originOf, matchesEntityTag, respondContent, type Exchange } from '../../http/index.ts';
import type { Handler } from '../handler.ts';

type BlobPath = '/v2/{name}/blobs/{digest}';

const headersOf = (digest: string, exchange: Exchange) => ({
  'content-type': 'application/octet-stream',
  'docker-content-digest': digest,
  // What everybody may read may be kept by everybody on the way: a digest never means anything else.
  'cache-control': actorOf(exchange).isSignedIn ? undefined : 'public, max-age=31536000, immutable',
});

const isNotModified = (exchange: Exchange, digest: string): boolean =>
  matchesEntityTag(exchange.header('if-none-match'), `"${digest}"`);

export const headBlob: Handler<BlobPath> = async ({ registry }, { repository, digest }, exchange) => {
  const { sizeBytes } = await registry.blobs.stat(repository, digest);
  if (isNotModified(exchange, digest)) exchange.respond(304, { etag: `"${digest}"` });
  else {
    const more = { 'content-length': sizeBytes, 'accept-ranges': 'bytes', etag: `"${digest}"` };
    exchange.respond(200, { ...headersOf(digest, exchange), ...more });
  }
};

export const getBlob: Handler<BlobPath> = async ({ registry }, { repository, digest }, exchange) => {
  const blob = await registry.blobs.open(repository, digest);
  await respondContent(exchange, blob, { etag: `"${digest}"`, headers: headersOf(digest, exchange) });
};

export const deleteBlob: Handler<BlobPath> = async ({ registry }, { repository, digest }, exchange) => {
  await registry.blobs.delete(originOf(exchange), repository, digest);
  exchange.respond(202);
};
