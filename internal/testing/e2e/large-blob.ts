import { createHash, randomBytes } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A blob too large to be held: one random buffer again and again. */
export interface LargeBlob {
  readonly sizeBytes: number;
  readonly digest: string;
  /** Its bytes, from the start. */
  read(): Readable;
}

const PIECE_BYTES = 1024 * 1024;

export function createLargeBlob(pieces: number): LargeBlob {
  const piece = randomBytes(PIECE_BYTES);
  const hash = createHash('sha256');
  for (let count = 0; count < pieces; count += 1) hash.update(piece);
  function* repeat(): Iterable<Buffer> {
    for (let count = 0; count < pieces; count += 1) yield piece;
  }
  return {
    sizeBytes: pieces * PIECE_BYTES,
    digest: `sha256:${hash.digest('hex')}`,
    read: () => Readable.from(repeat(), { objectMode: false, highWaterMark: PIECE_BYTES }),
  };
}

export interface Sent {
  readonly status: number;
  readonly location: string;
}

/** Sends a body as a stream: with its length where it is known, else in chunked encoding. */
export async function sendStream(
  method: 'POST' | 'PATCH' | 'PUT',
  url: URL | string,
  body: Readable,
  sizeBytes?: number,
): Promise<Sent> {
  const length = sizeBytes === undefined ? {} : { 'content-length': sizeBytes };
  const sending = request(url, { method, headers: { 'content-type': 'application/octet-stream', ...length } });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sending.once('response', resolve).once('error', reject);
  });
  const [response] = await Promise.all([answered, pipeline(body, sending)]);
  response.resume();
  return { status: response.statusCode ?? 0, location: response.headers.location ?? '' };
}

/** Reads a URL to its end and keeps only its digest. */
export async function digestOfUrl(url: URL | string): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, resolve).once('error', reject).end();
  });
  const hash = createHash('sha256');
  for await (const chunk of response) hash.update(chunk as Buffer);
  return `sha256:${hash.digest('hex')}`;
}
