/** What one failure is on the wire. `code` is the wire code where it differs from the key. */
export interface ErrorRow {
  readonly status: number;
  readonly message: string;
  readonly code?: string;
}

/**
 * Every failure a client can be told about: key -> HTTP status, wire code, default message.
 * distribution-spec: "Error Codes" (code-1 to code-14); rows with a `code` are finer cases of one of those.
 */
export const ERRORS = {
  BLOB_UNKNOWN: { status: 404, message: 'blob unknown to registry' },
  BLOB_UPLOAD_INVALID: { status: 400, message: 'blob upload invalid' },
  BLOB_UPLOAD_UNKNOWN: { status: 404, message: 'blob upload unknown to registry' },
  BLOB_REFERENCED: { status: 405, code: 'UNSUPPORTED', message: 'a manifest of this repository references the blob' },
  DELETE_DISABLED: { status: 405, code: 'UNSUPPORTED', message: 'deletes are switched off here' },
  DENIED: { status: 403, message: 'requested access to the resource is denied' },
  DIGEST_INVALID: { status: 400, message: 'provided digest did not match uploaded content' },
  ENTRY_EXISTS: { status: 409, code: 'UNSUPPORTED', message: 'there is one already, or it is in use' },
  ENTRY_UNKNOWN: { status: 404, code: 'UNSUPPORTED', message: 'there is none of that name' },
  HEADERS_TOO_LARGE: { status: 431, code: 'UNSUPPORTED', message: 'the request has too many or too long headers' },
  MANIFEST_BLOB_UNKNOWN: { status: 400, message: 'manifest references a manifest or blob unknown to registry' },
  MANIFEST_INVALID: { status: 400, message: 'manifest invalid' },
  MANIFEST_TOO_LARGE: {
    status: 413,
    code: 'MANIFEST_INVALID',
    message: 'manifest is larger than this registry accepts',
  },
  MANIFEST_UNKNOWN: { status: 404, message: 'manifest unknown to registry' },
  METHOD_NOT_ALLOWED: { status: 405, code: 'UNSUPPORTED', message: 'this path does not know that method' },
  NAME_INVALID: { status: 400, message: 'invalid repository name' },
  NAME_UNKNOWN: { status: 404, message: 'repository name not known to registry' },
  NOT_OFFERED: { status: 501, code: 'UNSUPPORTED', message: 'this is not offered here' },
  PAGE_INVALID: { status: 400, code: 'UNSUPPORTED', message: 'n must be a whole number, zero or more' },
  PATH_INVALID: { status: 404, code: 'NAME_INVALID', message: 'invalid repository name' },
  PATH_UNKNOWN: { status: 404, code: 'UNSUPPORTED', message: 'nothing is served at this path' },
  QUOTA_EXCEEDED: { status: 403, code: 'DENIED', message: 'the quota of this repository is used up' },
  RANGE_INVALID: { status: 416, code: 'UNSUPPORTED', message: 'the range lies outside the content' },
  REQUEST_INVALID: { status: 400, code: 'UNSUPPORTED', message: 'the request is not as this path wants it' },
  REQUEST_TOO_LARGE: { status: 413, code: 'UNSUPPORTED', message: 'the request is larger than this path accepts' },
  SIGN_IN_DENIED: { status: 403, code: 'DENIED', message: 'you may not sign in here' },
  SIGN_IN_FAILED: { status: 400, code: 'UNAUTHORIZED', message: 'signing in did not come to its end: begin again' },
  SIZE_INVALID: { status: 400, message: 'provided length did not match content length' },
  STORAGE_FULL: { status: 507, code: 'UNKNOWN', message: 'the registry has no room left for this' },
  TAG_IMMUTABLE: { status: 409, code: 'DENIED', message: 'the tag is immutable: it stays what it is' },
  TAG_PROTECTED: { status: 405, code: 'UNSUPPORTED', message: 'the tag is protected: it is not deleted' },
  TOOMANYREQUESTS: { status: 429, message: 'too many requests' },
  UNAUTHORIZED: { status: 401, message: 'authentication required' },
  UNAVAILABLE: { status: 503, code: 'UNKNOWN', message: 'the registry cannot do this just now, try again' },
  UNKNOWN: { status: 500, message: 'internal server error' },
  UNSUPPORTED: { status: 400, message: 'the operation is unsupported' },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/**
 * A failure that a client may be told about.
 * `detail` is safe to show (several details become several entries of the answer); `cause` is for the log only.
 */
export class OciError extends Error {
  readonly code: ErrorCode;
  readonly detail: readonly string[];

  constructor(code: ErrorCode, detail: string | readonly string[] = [], cause?: unknown) {
    super(ERRORS[code].message, cause === undefined ? undefined : { cause });
    this.name = 'OciError';
    this.code = code;
    this.detail = typeof detail === 'string' ? [detail] : detail;
  }
}

/** Ends a `switch` over a union: the compiler complains when a case is missing. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`);
}
