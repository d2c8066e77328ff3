import request, { type Response } from 'supertest';
import type { Sample } from '../testing/images.ts';

// A suite by its name only because nothing but tests may import it.

export const BLOB = 'application/octet-stream';

/** Whoever has a URL: the server of a test. */
interface Served {
  readonly url: string;
}

/** The body as it came: superagent would make objects and texts of some. */
function asBytes(response: Response, done: (failure: Error | null, bytes: Buffer) => void): void {
  const chunks: Buffer[] = [];
  const stream = response as unknown as NodeJS.ReadableStream;
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => done(null, Buffer.concat(chunks)));
}

export const getBytes = ({ url }: Served, path: string): request.Test =>
  request(url).get(path).buffer(true).parse(asBytes);

/** Opens an upload; its path. */
export async function startUpload({ url }: Served, repository: string): Promise<string> {
  const started = await request(url).post(`/v2/${repository}/blobs/uploads/`).expect(202);
  return started.headers['location'] as string;
}

export const patchUpload = ({ url }: Served, path: string, body: Uint8Array | string, range?: string): request.Test => {
  const patch = request(url).patch(path).set('Content-Type', BLOB);
  if (range !== undefined) void patch.set('Content-Range', range);
  return patch.send(Buffer.from(body));
};

export const finishUpload = (
  { url }: Served,
  path: string,
  digest: string,
  body: Uint8Array | string = '',
  range?: string,
): request.Test => {
  const put = request(url).put(`${path}?digest=${digest}`).set('Content-Type', BLOB);
  if (range !== undefined) void put.set('Content-Range', range);
  return put.send(Buffer.from(body));
};

/** A whole blob in one request. */
export const postBlob = (
  { url }: Served,
  repository: string,
  digest: string,
  body: Uint8Array | string,
): request.Test =>
  request(url)
    .post(`/v2/${repository}/blobs/uploads/?digest=${digest}`)
    .set('Content-Type', BLOB)
    .send(Buffer.from(body));

/** Superagent would send a Buffer of a JSON type as the JSON of a Buffer. */
const asIs = (body: unknown): string => body as string;

export const putManifest = (
  { url }: Served,
  repository: string,
  reference: string,
  { bytes, mediaType }: Pick<Sample, 'bytes' | 'mediaType'>,
): request.Test =>
  request(url)
    .put(`/v2/${repository}/manifests/${reference}`)
    .set('Content-Type', mediaType)
    .serialize(asIs)
    .send(bytes);

/** The path of the next page, from a Link header. */
export function nextPage(answer: Response): string | undefined {
  const link = answer.headers['link'];
  if (link === undefined) return undefined;
  const match = /^<(\/v2\/[^>]*)>; rel="next"$/.exec(link);
  if (!match?.[1]) throw new Error(`not a link to a next page: ${link}`);
  return match[1];
}
