import { CliError, printable } from '../../internal/cli/index.ts';
import { exitCodeOf, NOT_LOGGED_IN } from './exit-codes.ts';
import type { Session } from './session.ts';
import { authorizationOf } from './token.ts';

/** An answer that is no success. Its text is what the server said. */
export class Refused extends CliError {
  readonly status: number;

  constructor(status: number, body: string) {
    const said = printable(body.trim().slice(0, MAX_SHOWN)) || `the server answered ${status}`;
    const isUnknown = exitCodeOf(status) === NOT_LOGGED_IN;
    super(said, {
      exitCode: exitCodeOf(status),
      ...(isUnknown && { hint: 'Run `cola-regctl login` to authenticate.' }),
    });
    this.name = 'Refused';
    this.status = status;
  }
}

const MAX_SHOWN = 4000;

/** Content on its way to the server, of a size that is known. */
export interface Upload {
  readonly content: AsyncIterable<Uint8Array>;
  readonly sizeBytes: number;
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Segments behind `/api/v1/`; each is encoded. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
  readonly upload?: Upload;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The HTTP API of a registry. */
export interface Api {
  readonly url: string;
  /** The answer's JSON; undefined where it has none. Throws Refused, or a CliError where no readable answer came. */
  send(request: ApiRequest): Promise<unknown>;
}

export interface ApiOptions {
  readonly session: Session;
  /** The longest that an answer, or the next piece of an upload, may take. */
  readonly timeoutMs: number;
  /** Told of each request as it goes out. */
  readonly onRequest: (line: string) => void;
  readonly fetch: typeof fetch;
}

export function createApi({ session, timeoutMs, onRequest, fetch: go }: ApiOptions): Api {
  const { url: root, token } = session;

  async function exchange({ method, path, query, body, upload, headers }: ApiRequest): Promise<Answer> {
    const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
    const url = `${root}/api/v1/${path.map(encodeURIComponent).join('/')}${search}`;
    onRequest(`[DEBUG] ${method} ${url}`);
    const watch = createWatch(timeoutMs);
    try {
      const response = await go(url, {
        method,
        signal: watch.signal,
        headers: {
          accept: 'application/json',
          ...(token !== undefined && { authorization: authorizationOf(token) }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(upload && { 'content-type': 'application/octet-stream', 'content-length': String(upload.sizeBytes) }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(upload && { body: watched(upload.content, watch), duplex: 'half' }),
      });
      return { status: response.status, text: await response.text() };
    } catch (cause) {
      if (cause instanceof CliError) throw cause;
      const why = watch.signal.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(cause);
      throw new CliError(`${root} cannot be reached: ${why}`, { cause });
    } finally {
      watch.end();
    }
  }

  return {
    url: root,
    send: async (request) => {
      const { status, text } = await exchange(request);
      if (status < 200 || status >= 300) throw new Refused(status, text);
      if (text === '') return undefined;
      try {
        return JSON.parse(text) as unknown;
      } catch (cause) {
        throw new CliError(`the answer of ${root} is no JSON`, { hint: 'Is that the URL of a COLA registry?', cause });
      }
    },
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Watch {
  readonly signal: AbortSignal;
  again(): void;
  end(): void;
}

/** Aborts once nothing happened for so long. */
function createWatch(timeoutMs: number): Watch {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  return { signal: controller.signal, again: () => void timer.refresh(), end: () => clearTimeout(timer) };
}

async function* watched(content: AsyncIterable<Uint8Array>, watch: Watch): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of content) {
    watch.again();
    yield chunk;
  }
}

/** What the network says, which fetch hides in a cause. */
function reasonOf(error: unknown): string {
  const { cause, errors, message } = error as { cause?: unknown; errors?: readonly unknown[]; message?: unknown };
  const inner = cause ?? errors?.[0];
  return inner === undefined ? printable(String(message ?? error)) : reasonOf(inner);
}
