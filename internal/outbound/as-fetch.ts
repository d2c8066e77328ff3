import type { Outbound } from './outbound.ts';

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
  return async (target, { method = 'GET', headers, body, signal } = {}) => {
    if (method !== 'GET' && method !== 'POST') throw new TypeError(`${method} is not called`);
    const url = new URL(target);
    const asked = new Headers(headers);
    asked.delete('user-agent');
    const { authorization, ...others } = Object.fromEntries(asked);
    const answer = await outbound.request(url, {
      method,
      headers: others,
      ...(authorization !== undefined && { credentials: { origin: url.origin, authorization } }),
      ...(body !== undefined && body !== null && { body: bodyOf(body) }),
      ...(signal && { signal }),
    });
    const isBodyless = answer.status === 204 || answer.status === 304;
    return new Response(isBodyless ? null : Buffer.from(answer.body), {
      status: answer.status,
      headers: [...answer.headers],
    });
  };
}

function bodyOf(body: unknown): string | Uint8Array {
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new TypeError('a body is text, bytes or form fields');
}
