import { setTimeout as delay } from 'node:timers/promises';
import { createAuthenticator } from './auth.ts';
import { gather, isRepeatable, openSource } from './body.ts';
import { ClientError, createRefusal } from './errors.ts';
import { planStep, type Tries } from './plan.ts';
import type { BlobSource, ClientOptions, Method } from './types.ts';

const MAX_FAILURE_BYTES = 64 * 1024;

/** One request as the methods of the client put it. */
export interface Call {
  readonly method: Method;
  readonly url: URL;
  /** What it needs the right to, in the words of token services: `repository:a/b:pull`. */
  readonly scopes: readonly string[];
  /** The statuses of success; any other becomes a ClientError. */
  readonly expect: readonly number[];
  /** Names the request in errors, where its URL must not be told. */
  readonly label?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BlobSource;
  /** Sent as Content-Length of a body that is a stream. */
  readonly bodyBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The way to one registry. `Authorization` goes to the registry's own origin and to no other, whatever redirects and
 * locations say; a 401 is answered once, 429 and 503 are waited out within limits, redirects are followed.
 */
export interface Transport {
  readonly root: URL;
  readonly maxRetries: number;
  readonly send: (call: Call) => Promise<Response>;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export function createTransport(options: ClientOptions): Transport {
  const root = parseRoot(options.url);
  const { maxRetries = 3, maxWaitMs = 30_000, userAgent = 'octoserve-client' } = options;
  const { clock = Date.now, sleep = pause } = options;
  const go = options.fetch ?? fetch;
  const { credentials, authHosts = [] } = options;
  const auth = createAuthenticator({ root, credentials, authHosts, userAgent, fetch: go, clock });
  const limits = { origin: root.origin, maxRetries, maxWaitMs };

  async function attempt(call: Call, url: URL): Promise<Response> {
    const { method, scopes, signal } = call;
    const authorization = url.origin === root.origin ? await auth.authorize(scopes, signal) : undefined;
    const source = openBody(call.body);
    try {
      return await go(url, {
        method,
        headers: {
          'user-agent': userAgent,
          'accept-encoding': 'identity', // digests are those of the bytes as they are stored
          ...call.headers,
          ...(call.bodyBytes !== undefined && { 'content-length': String(call.bodyBytes) }),
          ...(authorization !== undefined && { authorization }),
        },
        redirect: 'manual',
        signal: signal ?? null,
        ...(source && { body: source.body, duplex: 'half' }),
      });
    } catch (error) {
      signal?.throwIfAborted();
      const failure = source?.findFailure();
      if (failure) throw failure.error;
      throw new ClientError('unreachable', `${labelOf(call)}: no answer`, { cause: error });
    }
  }

  async function send(call: Call): Promise<Response> {
    let tries: Tries = { url: call.url, hops: 0, waits: 0, challenged: false };
    for (;;) {
      const response = await attempt(call, tries.url);
      const { status } = response;
      if (call.expect.includes(status)) return response;
      const said = await readFailure(response);
      const step = isRepeatable(call.body) ? planStep(call.method, tries, response, limits, clock()) : undefined;
      if (step?.kind === 'follow') {
        tries = { ...tries, url: step.url, hops: tries.hops + 1 };
      } else if (step?.kind === 'wait') {
        tries = { ...tries, waits: tries.waits + 1 };
        await sleep(step.ms, call.signal);
      } else if (step?.kind === 'authenticate' && (await auth.learn(step.challenge, call.scopes, call.signal))) {
        tries = { ...tries, challenged: true };
      } else {
        throw createRefusal(labelOf(call), status, said);
      }
    }
  }

  return { root, maxRetries, send, sleep };
}

function parseRoot(text: string): URL {
  const url = URL.parse(text);
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (isWeb && url.href === `${url.origin}/`) return url;
  throw new TypeError('the address of a registry is http(s)://host[:port], nothing more');
}

async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, signal && { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** What a request is called in errors. */
export function labelOf({ label, method, url }: Call): string {
  return label ?? `${method} ${url.origin}${url.pathname}`;
}

async function readFailure(response: Response): Promise<string> {
  try {
    return Buffer.from(await gather(response.body ?? [], MAX_FAILURE_BYTES, 'the answer')).toString();
  } catch {
    return ''; // too long or cut off: the status says enough
  }
}

interface OpenBody {
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  /** What went wrong in the source itself, as opposed to the network. */
  findFailure(): { readonly error: unknown } | undefined;
}

function openBody(source: BlobSource | undefined): OpenBody | undefined {
  if (source === undefined) return undefined;
  if (source instanceof Uint8Array) return { body: source, findFailure: () => undefined };
  let failure: { readonly error: unknown } | undefined;
  async function* watch(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield* content;
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  return { body: watch(openSource(source)), findFailure: () => failure };
}
