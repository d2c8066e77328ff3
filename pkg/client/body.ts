import { createHash } from 'node:crypto';
import { algorithmOf, encodedOf, type Digest } from '../oci/index.ts';
import { ClientError } from './errors.ts';
import type { BlobSource } from './types.ts';

/** What is known beforehand of content that comes as a stream. */
export interface Expected {
  readonly digest?: Digest | undefined;
  readonly size?: number | undefined;
}

/**
 * Passes content on; throws ClientError `corrupt` once it is too long, or at its end if it is not what was expected.
 * The last chunk is held back until then, so that nobody ever gets the whole of something wrong.
 */
export async function* verify(
  content: AsyncIterable<Uint8Array>,
  what: string,
  { digest, size }: Expected,
): AsyncGenerator<Uint8Array, void, void> {
  const hash = digest && createHash(algorithmOf(digest));
  let count = 0;
  let held: Uint8Array | undefined;
  for await (const chunk of content) {
    if (chunk.length === 0) continue;
    count += chunk.length;
    if (size !== undefined && count > size) throw new ClientError('corrupt', `${what}: longer than ${size} bytes`);
    hash?.update(chunk);
    if (held) yield held;
    held = chunk;
  }
  if (size !== undefined && count < size)
    throw new ClientError('corrupt', `${what}: ended after ${count} of ${size} bytes`);
  if (digest && hash?.digest('hex') !== encodedOf(digest)) {
    throw new ClientError('corrupt', `${what}: does not hash to ${digest}`);
  }
  if (held) yield held;
}

/** The bytes from `start` on, `size` of them at most; reads the content to its end, so that what verifies it gets there. */
export async function* slice(
  content: AsyncIterable<Uint8Array>,
  start: number,
  size: number,
): AsyncGenerator<Uint8Array, void, void> {
  let at = 0;
  for await (const chunk of content) {
    const part = chunk.subarray(Math.max(0, start - at), Math.max(0, start + size - at));
    at += chunk.length;
    if (part.length > 0) yield part;
  }
}

/** All of a body that is no longer than `limit` bytes. `what` names it in the failure. */
export async function gather(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limit: number,
  what: string,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let count = 0;
  for await (const chunk of content) {
    count += chunk.length;
    if (count > limit) throw new ClientError('protocol', `${what} is longer than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, count);
}

/** Copies content into pieces of `sizeBytes`, the last one shorter; none where there is nothing. */
export async function* cut(
  content: AsyncIterable<Uint8Array>,
  sizeBytes: number,
): AsyncGenerator<Uint8Array, void, void> {
  let piece = Buffer.allocUnsafe(sizeBytes);
  let filled = 0;
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + sizeBytes - filled);
      piece.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled === sizeBytes) {
        yield piece;
        piece = Buffer.allocUnsafe(sizeBytes);
        filled = 0;
      }
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}

/** Opens a source, once more each time where it can be. */
export function openSource(source: BlobSource): AsyncIterable<Uint8Array> {
  if (typeof source === 'function') return source();
  return source instanceof Uint8Array ? once(source) : source;
}

export function isRepeatable(source: BlobSource | undefined): boolean {
  return source === undefined || source instanceof Uint8Array || typeof source === 'function';
}

// oxlint-disable-next-line typescript/require-await -- an iterable that others await
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}
