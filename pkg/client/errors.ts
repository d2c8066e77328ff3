import { excerpt } from '../oci/index.ts';

/**
 * Why the client could not:
 * `refused` the registry answered with a status of failure; `unreachable` no whole answer came;
 * `corrupt` content is not what its digest or size says; `protocol` the answer makes no sense.
 */
export type ClientFailure = 'refused' | 'unreachable' | 'corrupt' | 'protocol';

/** One entry of the registry's error body (distribution-spec: "Error Codes"). */
export interface WireError {
  readonly code: string;
  readonly message: string;
  /** Whatever the registry put there; undefined where it put nothing. */
  readonly detail: unknown;
}

interface ClientErrorParts {
  readonly status?: number;
  readonly errors?: readonly WireError[];
  readonly cause?: unknown;
}

/** A failed exchange with a registry. The message names no credential, no query string and no upload URL. */
export class ClientError extends Error {
  readonly failure: ClientFailure;
  /** The HTTP status, where an answer came. */
  readonly status: number | undefined;
  /** What the registry said; empty where its answer had no such body (HEAD never has). */
  readonly errors: readonly WireError[];

  constructor(failure: ClientFailure, message: string, { status, errors = [], cause }: ClientErrorParts = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ClientError';
    this.failure = failure;
    this.status = status;
    this.errors = errors;
  }

  /** The wire codes, as `MANIFEST_UNKNOWN`. */
  get codes(): readonly string[] {
    return this.errors.map(({ code }) => code);
  }
}

/** The failure that an answer with an unexpected status is. `what` names the request for people. */
export function createRefusal(what: string, status: number, body: string, hint = ''): ClientError {
  const errors = parseErrors(body);
  const said = errors.map(({ code, message }) => `${code}: ${message}`).join('; ');
  return new ClientError('refused', `${what}: ${status} ${said}`.trimEnd() + hint, { status, errors });
}

function parseErrors(body: string): readonly WireError[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return []; // an error page of a proxy, say
  }
  const list = (parsed as { errors?: unknown } | null)?.errors;
  return Array.isArray(list) ? list.slice(0, 100).flatMap(parseError) : [];
}

function parseError(entry: Partial<Record<string, unknown>> | null): readonly WireError[] {
  if (typeof entry?.['code'] !== 'string') return [];
  const { code, message, detail } = entry;
  return [{ code: printable(code), message: typeof message === 'string' ? printable(message) : '', detail }];
}

/** A stranger's text for a terminal: short, on one line, without control characters. */
function printable(text: unknown): string {
  return excerpt(String(text)).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
}
