import type { OpenContent } from '../registry/index.ts';
import type { Exchange, Headers } from './exchange.ts';
import { Refusal } from './failures.ts';
import { matchesEntityTag, parseRange, type Range } from './ranges.ts';

export interface ContentHeaders {
  /** A strong one: the same tag, the same bytes. */
  readonly etag: string;
  /** Besides length, range and tag. */
  readonly headers: Headers;
}

/** RFC 9110, section 13.1.5: a range counts only for the content that the client has the rest of. */
function rangeOf(exchange: Exchange, etag: string, sizeBytes: number): Range | undefined {
  const ifRange = exchange.header('if-range');
  if (exchange.method !== 'GET' || (ifRange !== undefined && ifRange !== etag)) return undefined;
  const range = parseRange(exchange.header('range'), sizeBytes);
  if (range === 'unsatisfiable') throw new Refusal('RANGE_INVALID', { 'content-range': `bytes */${sizeBytes}` });
  return range;
}

/**
 * Answers GET and HEAD of content that never changes: the whole, the one range that is asked for, or that the client has
 * it already. Closes it. RANGE_INVALID.
 */
export async function respondContent(
  exchange: Exchange,
  content: OpenContent,
  { etag, headers }: ContentHeaders,
): Promise<void> {
  try {
    await send(exchange, content, { etag, headers });
  } finally {
    if (content.kind === 'stream') await content.content.close();
  }
}

async function send(exchange: Exchange, content: OpenContent, { etag, headers }: ContentHeaders): Promise<void> {
  if (matchesEntityTag(exchange.header('if-none-match'), etag)) return exchange.respond(304, { etag });
  if (content.kind === 'elsewhere') {
    const { 'content-type': _, ...rest } = headers;
    return exchange.respond(307, { ...rest, location: content.url.href, 'cache-control': 'no-store' });
  }
  const { sizeBytes } = content;
  const range = rangeOf(exchange, etag, sizeBytes);
  const all = {
    ...headers,
    'content-length': range ? range.end - range.start + 1 : sizeBytes,
    ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${sizeBytes}` }),
    'accept-ranges': 'bytes',
    etag,
  };
  const status = range ? 206 : 200;
  if (exchange.method === 'HEAD') return exchange.respond(status, all);
  if (content.kind === 'stream') return exchange.respondStream(status, all, content.content.read(range));
  return exchange.respond(status, all, range ? content.bytes.subarray(range.start, range.end + 1) : content.bytes);
}
