import { OciError } from '../../../pkg/oci/index.ts';
import { formatOciFailure, matchesEntityTag, parseRange, writeFailure, type Exchange } from '../../http/index.ts';
import type { OpenContent } from '../../registry/index.ts';
import { originOf } from './origin.ts';
import type { Handler } from '../handler.ts';

type BlobPath = '/v2/{name}/blobs/{digest}';

const headersOf = (digest: string, sizeBytes: number): Record<string, string | number> => ({
  'content-type': 'application/octet-stream',
  'content-length': sizeBytes,
  'docker-content-digest': digest,
  'accept-ranges': 'bytes',
  etag: `"${digest}"`,
});

const isNotModified = (exchange: Exchange, digest: string): boolean =>
  matchesEntityTag(exchange.header('if-none-match'), `"${digest}"`);

export const headBlob: Handler<BlobPath> = async ({ registry }, { repository, digest }, exchange) => {
  const { sizeBytes } = await registry.blobs.stat(repository, digest);
  if (isNotModified(exchange, digest)) exchange.respond(304, { etag: `"${digest}"` });
  else exchange.respond(200, headersOf(digest, sizeBytes));
};

/** RFC 9110, section 13.1.5: a range counts only for the content that the client has the rest of. */
function rangeOf(exchange: Exchange, digest: string, sizeBytes: number): ReturnType<typeof parseRange> {
  const ifRange = exchange.header('if-range');
  if (ifRange !== undefined && ifRange !== `"${digest}"`) return undefined;
  return parseRange(exchange.header('range'), sizeBytes);
}

async function sendBlob(exchange: Exchange, digest: string, blob: OpenContent): Promise<void> {
  if (isNotModified(exchange, digest)) return exchange.respond(304, { etag: `"${digest}"` });
  if (blob.kind === 'elsewhere') {
    return exchange.respond(307, { location: blob.url.href, 'docker-content-digest': digest });
  }
  const range = rangeOf(exchange, digest, blob.sizeBytes);
  if (range === 'unsatisfiable') {
    const outside = { 'content-range': `bytes */${blob.sizeBytes}` };
    return writeFailure(exchange, new OciError('RANGE_INVALID'), formatOciFailure, outside);
  }
  const headers = headersOf(digest, blob.sizeBytes);
  if (range) {
    headers['content-length'] = range.end - range.start + 1;
    headers['content-range'] = `bytes ${range.start}-${range.end}/${blob.sizeBytes}`;
  }
  const status = range ? 206 : 200;
  if (blob.kind === 'stream') return exchange.respondStream(status, headers, blob.content.read(range));
  return exchange.respond(status, headers, range ? blob.bytes.subarray(range.start, range.end + 1) : blob.bytes);
}

export const getBlob: Handler<BlobPath> = async ({ registry }, { repository, digest }, exchange) => {
  const blob = await registry.blobs.open(repository, digest);
  try {
    await sendBlob(exchange, digest, blob);
  } finally {
    if (blob.kind === 'stream') await blob.content.close();
  }
};

export const deleteBlob: Handler<BlobPath> = async ({ registry }, { repository, digest }, exchange) => {
  await registry.blobs.delete(originOf(exchange), repository, digest);
  exchange.respond(202);
};
