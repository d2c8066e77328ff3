import { ERRORS, OciError, type ErrorCode } from '../../pkg/oci/index.ts';
import { ClientLeft, type Exchange, type Headers } from './exchange.ts';

/** A failure as a client may see it. */
export interface Failure {
  readonly status: number;
  /** The wire code of the distribution specification. */
  readonly code: string;
  readonly message: string;
  readonly detail: readonly string[];
}

/** How a surface words its failures; the writer does the rest. */
export type FormatFailure = (failure: Failure, exchange: Exchange) => FailureForm;

export interface FailureForm {
  readonly contentType: string;
  readonly body: string;
  /** In place of those that the failure brings. */
  readonly headers?: Headers;
}

/** distribution-spec: Error Codes. `detail` is left out where there is none. */
export const formatOciFailure = ({ code, message, detail }: Failure): FailureForm => ({
  contentType: 'application/json',
  body: JSON.stringify({
    errors: detail.length > 0 ? detail.map((text) => ({ code, message, detail: text })) : [{ code, message }],
  }),
});

const RETRY_AFTER: Partial<Record<ErrorCode, string>> = { UNAVAILABLE: '1', TOOMANYREQUESTS: '5' };

/** A failure that its answer says more of in headers: how to sign in, when to come again. */
export class Refusal extends OciError {
  readonly headers: Headers;

  constructor(code: ErrorCode, headers: Headers, detail: string | readonly string[] = []) {
    super(code, detail);
    this.headers = headers;
  }
}

/** TOOMANYREQUESTS, with the time after which the next one may come. */
export const comeBackIn = (ms: number): Refusal =>
  new Refusal('TOOMANYREQUESTS', { 'retry-after': String(Math.max(1, Math.ceil(ms / 1000))) });

/** NAME_UNKNOWN for whoever may not know whether there is such a repository. */
export class Hidden extends OciError {
  constructor(repository: string) {
    super('NAME_UNKNOWN', repository);
  }
}

/** Everything that is not an OciError is a bug: the client hears nothing of it but the status. */
export function failureOf(thrown: unknown): Failure & { readonly retryAfter: string | undefined } {
  const code: ErrorCode = thrown instanceof OciError ? thrown.code : 'UNKNOWN';
  const row: { status: number; message: string; code?: string } = ERRORS[code];
  return {
    status: row.status,
    code: row.code ?? code,
    message: row.message,
    detail: thrown instanceof OciError ? thrown.detail : [],
    retryAfter: RETRY_AFTER[code],
  };
}

/** Turns any failure into the answer; the one writer of errors. An answer that has begun is cut instead. */
export function writeFailure(exchange: Exchange, thrown: unknown, format: FormatFailure, headers: Headers = {}): void {
  exchange.failure = thrown;
  if (exchange.res.headersSent || exchange.res.destroyed) {
    exchange.isCut = exchange.res.headersSent && !(thrown instanceof ClientLeft);
    exchange.res.destroy();
    return;
  }
  const { retryAfter, ...failure } = failureOf(thrown);
  const { contentType, body, headers: worded } = format(failure, exchange);
  const own = {
    'content-type': contentType,
    'retry-after': retryAfter,
    // What is said of a failure of ours: where it stands in the log.
    'x-request-id': failure.status >= 500 ? exchange.requestId : undefined,
  };
  const more = thrown instanceof Refusal ? thrown.headers : undefined;
  exchange.respond(failure.status, { ...own, ...more, ...headers, ...worded }, body);
}
