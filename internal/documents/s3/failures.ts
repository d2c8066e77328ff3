import { DocumentError, type DocumentTrouble } from '../types.ts';
import type { S3Place } from '../uri.ts';

/** What the SDK says of a failed call. */
interface Said {
  readonly name?: unknown;
  readonly Code?: unknown;
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** `absent`: no such object. `changed`: not the one that was meant. `unable`: no conditional writes here. */
export type Kind = 'absent' | 'changed' | 'unable' | 'other';

export function kindOf(error: unknown): Kind {
  const { code, status } = factsOf(error);
  if (code === 'NoSuchBucket') return 'other';
  if (code === 'NoSuchKey' || code === 'NotFound' || status === 404) return 'absent';
  // 409: somebody else's conditional write is just going on.
  if (status === 412 || code === 'ConditionalRequestConflict' || status === 409) return 'changed';
  return status === 501 || code === 'NotImplemented' ? 'unable' : 'other';
}

const AUTHENTICATION: Readonly<Record<string, string>> = {
  InvalidAccessKeyId: 'The service does not know the access key.',
  SignatureDoesNotMatch: 'The secret does not fit the access key.',
  ExpiredToken: 'The temporary access key has expired.',
  AccessDenied: 'The access key may not do that: it needs s3:GetObject, s3:PutObject and s3:ListBucket.',
  CredentialsProviderError: 'Give --storage-token KEY:SECRET, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
};

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
  'EPROTO',
  'TimeoutError',
]);

/** A failed call as what it means, without a word of the keys. */
export function explain(error: unknown, operation: string, isLate: boolean, place: S3Place): unknown {
  if (error instanceof DocumentError) return error;
  const make = (trouble: DocumentTrouble, why: string, hint?: string): DocumentError =>
    new DocumentError(trouble, operation, why, { ...(hint !== undefined && { hint }), cause: error });
  if (isLate) return make('network', 'it did not answer in time');
  const { code, status } = factsOf(error);
  const said = code || `status ${status}`;
  if (NETWORK.has(code) || (status === undefined && !(code in AUTHENTICATION)))
    return make('network', said, networkHint(code));
  if (code in AUTHENTICATION || status === 401 || status === 403)
    return make('authentication', said, AUTHENTICATION[code] ?? AUTHENTICATION['AccessDenied']);
  // The answer to HEAD has no body that would name the failure.
  if (code === 'NoSuchBucket' || status === 404) return make('storage', said, `Create the bucket ${place.bucket}.`);
  if (status === 301 || code === 'PermanentRedirect')
    return make('storage', said, 'The bucket is in another region: add ?region=... to the URI.');
  return make('storage', said);
}

function networkHint(code: string): string {
  return code === 'EPROTO'
    ? 'The service speaks no TLS: use s3+http://.'
    : 'Check the host of the URI, and the network.';
}

function factsOf(error: unknown): { readonly code: string; readonly status: number | undefined } {
  const { name, Code, code, $metadata } = (error ?? {}) as Said;
  const named = [Code, code, name].find(
    (text) => typeof text === 'string' && text !== 'Error' && text !== 'UnknownError',
  );
  return { code: typeof named === 'string' ? named : '', status: $metadata?.httpStatusCode };
}
