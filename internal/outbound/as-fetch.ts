import type { Outbound, OutboundRequest, OutboundStream } from './outbound.ts';

/** What libraries ask of the `fetch` that they are given. */
export interface FetchOptions {
  readonly method?: string;
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  readonly body?: unknown;
  readonly signal?: AbortSignal | null | undefined;
}

/**
 * The outgoing client for libraries that want a `fetch`. It says who asks in its own words, and follows no redirects, so that credentials go where the
 * library addressed them and nowhere else.
 */
export function asFetch(outbound: Outbound): (url: string | URL, options?: FetchOptions) => Promise<Response> {
  return async (target, options) => {
    const url = new URL(target);
    const answer = await outbound.request(url, requestOf(url, options));
    return toResponse(answer, Buffer.from(answer.body));
  };
}

/** The same for answers of any length, which are read as they come. */
export function asStreamingFetch(outbound: Outbound): (url: string | URL, options?: FetchOptions) => Promise<Response> {
  return async (target, options) => {
    const url = new URL(target);
    const answer = await outbound.stream(url, requestOf(url, options));
    return toResponse(answer, ReadableStream.from(answer.body));
  };
}

function requestOf(url: URL, { method = 'GET', headers, body, signal }: FetchOptions = {}): OutboundRequest {
  if (method !== 'GET' && method !== 'POST') throw new TypeError(`${method} is not called`);
  const asked = new Headers(headers);
  asked.delete('user-agent');
  const { authorization, ...others } = Object.fromEntries(asked);
  return {
    method,
    headers: others,
    ...(authorization !== undefined && { credentials: { origin: url.origin, authorization } }),
    ...(body !== undefined && body !== null && { body: bodyOf(body) }),
    ...(signal && { signal }),
  };
}

function toResponse(
  { status, headers }: Pick<OutboundStream, 'status' | 'headers'>,
  body: ConstructorParameters<typeof Response>[0],
): Response {
  const isBodyless = status === 204 || status === 304;
  return new Response(isBodyless ? null : body, { status, headers: [...headers] });
}

function bodyOf(body: unknown): string | Uint8Array {
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new TypeError('a body is text, bytes or form fields');
}
