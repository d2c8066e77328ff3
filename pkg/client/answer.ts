import { findDigest, type Digest } from '../oci/index.ts';
import { ClientError } from './errors.ts';
import { findUrl } from './paths.ts';
import { labelOf, type Call } from './transport.ts';

/** The body of an answer. Where it breaks off this throws ClientError `unreachable`, or the reason of the call's signal. */
export async function* receive({ body }: Response, call: Call): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* body ?? [];
  } catch (error) {
    call.signal?.throwIfAborted();
    throw new ClientError('unreachable', `${labelOf(call)}: the answer broke off`, { cause: error });
  }
}

/** Gives the connection of an answer back whose body nobody needs. */
export async function discard(response: Response): Promise<Response> {
  await response.body?.cancel();
  return response;
}

/** What the registry says that it serves or keeps; to be believed only where there is nothing to compare it with. */
export function findClaim({ headers }: Response): Digest | undefined {
  return findDigest(headers.get('docker-content-digest') ?? '');
}

/** Refuses an answer that speaks of other content than was sent. */
export function checkClaim(response: Response, digest: Digest, call: Call): void {
  const claimed = findClaim(response);
  const comparable = claimed?.split(':')[0] === digest.split(':')[0];
  if (claimed && comparable && claimed !== digest) {
    throw new ClientError('corrupt', `${labelOf(call)}: the registry kept ${claimed} in place of ${digest}`);
  }
}

export function findLength({ headers }: Response): number | undefined {
  const length = headers.get('content-length');
  return length !== null && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

/** Where to go on, from `Location`: absolute or relative, perhaps on another host. */
export function parseLocation(response: Response, call: Call): URL {
  const url = findUrl(response.headers.get('location'), response.url === '' ? call.url : new URL(response.url));
  if (url) return url;
  throw new ClientError('protocol', `${labelOf(call)}: ${response.status} without a usable Location`);
}
