import { lookup } from 'node:dns/promises';
import type * as Undici from 'undici';
import { createPermit, parseNetworks } from './addresses.ts';
import { createConnector, type ConnectorDeps, type Resolve } from './connect.ts';
import { OutboundError } from './failures.ts';

export interface OutboundRequest {
  readonly method?: 'GET' | 'POST';
  /** No credentials among them: those have a host. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The `authorization` header for one origin; hops to any other go without. */
  readonly credentials?: { readonly origin: string; readonly authorization: string };
  readonly body?: string | Uint8Array;
  /** How many redirects are followed, each checked like the first address; none where not given, or with a body. */
  readonly redirects?: number;
  /** The longest body of an answer; 1 MiB where not given. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

export interface OutboundAnswer {
  /** Where the last hop led. */
  readonly url: URL;
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

/** An answer whose body comes as it is read: to be read to its end, or left by `return()`. */
export type OutboundStream = Omit<OutboundAnswer, 'body'> & { readonly body: AsyncIterable<Uint8Array> };

/** The one client for calls to other servers. */
export interface Outbound {
  /** Asks, and gathers the answer whatever its status. Throws an OutboundError where there is none. */
  request(url: URL, asked?: OutboundRequest): Promise<OutboundAnswer>;
  /**
   * Asks, and hands the answer over as it comes, however long it is and takes: the time limit is one for its beginning,
   * and for each wait in it. Follows no redirects. Throws as `request` does, also while the body is read.
   */
  stream(url: URL, asked?: Omit<OutboundRequest, 'maxBytes' | 'redirects'>): Promise<OutboundStream>;
  /** Lets go of idle connections; calls that are under way fail. */
  close(): Promise<void>;
}

export interface OutboundDeps {
  /** Private addresses and networks that may be reached; one that is none is a bug. */
  readonly allowedNetworks: readonly string[];
  /** How long a call may take, its answer included. */
  readonly timeoutMs: number;
  readonly version: string;
  /** As the machine resolves names, where not given. */
  readonly resolve?: Resolve;
}

const MAX_BYTES = 1_048_576;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

interface Client {
  readonly agent: Undici.Agent;
  readonly send: typeof Undici.request;
}

async function openClient(deps: ConnectorDeps): Promise<Client> {
  const undici = await import('undici');
  return {
    agent: new undici.Agent({ connect: createConnector(undici.buildConnector, deps) }),
    send: undici.request,
  };
}

const resolveByMachine: Resolve = (host) => lookup(host, { all: true });

export function createOutbound(deps: OutboundDeps): Outbound {
  const { allowedNetworks, timeoutMs, version, resolve = resolveByMachine } = deps;
  const permit = createPermit(parseNetworks(allowedNetworks));
  /** Loaded with the first call: most servers never make one. */
  let loading: Promise<Client> | undefined;
  const load = (): Promise<Client> => (loading ??= openClient({ permit, resolve, timeoutMs }));

  async function open(url: URL, asked: OutboundRequest, signal: AbortSignal | undefined) {
    const { method = 'GET', headers = {}, credentials, body } = asked;
    if (Object.keys(headers).some((name) => /^(?:proxy-)?authorization$|^cookie$/i.test(name))) {
      throw new TypeError('credentials are given with the origin that they are for');
    }
    const { agent, send } = await load();
    const answer = await send(url, {
      dispatcher: agent,
      method,
      headers: {
        'user-agent': `Octoserve-Registry/${version}`,
        ...headers,
        ...(credentials?.origin === url.origin && { authorization: credentials.authorization }),
      },
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    const told = Object.entries(answer.headers).map(
      ([name, value]) => [name, [value ?? ''].flat().join(', ')] as const,
    );
    return { answer, head: { url, status: answer.statusCode, headers: new Map(told) } };
  }

  async function hop(url: URL, asked: OutboundRequest, signal: AbortSignal): Promise<OutboundAnswer> {
    const { answer, head } = await open(url, asked, signal);
    return { ...head, body: await gather(answer, asked.maxBytes ?? MAX_BYTES, url) };
  }

  async function follow(start: URL, asked: OutboundRequest, signal: AbortSignal): Promise<OutboundAnswer> {
    let url = start;
    let left = asked.body === undefined ? (asked.redirects ?? 0) : 0;
    for (;;) {
      refuseScheme(url);
      const answer = await hop(url, asked, signal);
      const location = answer.headers.get('location');
      if (!REDIRECTS.has(answer.status) || location === undefined || left === 0) return answer;
      left -= 1;
      if (!URL.canParse(location, url.href)) throw new OutboundError('refused', `${url.host} redirects to no URL`);
      const next = new URL(location, url);
      if (url.protocol === 'https:' && next.protocol !== 'https:') {
        throw new OutboundError('refused', `${url.host} redirects to ${next.protocol}//${next.host}, without TLS`);
      }
      url = next;
    }
  }

  return {
    async request(url, asked = {}) {
      const limit = AbortSignal.timeout(timeoutMs);
      const signal = asked.signal ? AbortSignal.any([limit, asked.signal]) : limit;
      try {
        return await follow(url, asked, signal);
      } catch (thrown) {
        throw translate(thrown, url, limit.aborted || isTimeout(thrown));
      }
    },
    async stream(url, asked = {}) {
      try {
        refuseScheme(url);
        const { answer, head } = await open(url, asked, asked.signal);
        return { ...head, body: translated(answer.body, url) };
      } catch (thrown) {
        throw translate(thrown, url, isTimeout(thrown));
      }
    },
    close: async () => (await loading)?.agent.destroy(),
  };
}

function refuseScheme(url: URL): void {
  if (!/^https?:$/.test(url.protocol)) throw new OutboundError('refused', `${url.protocol} is not called`);
  if (url.username !== '' || url.password !== '')
    throw new OutboundError('refused', `credentials in the URL of ${url.host}`);
}

async function gather({ body, headers }: Undici.Dispatcher.ResponseData, most: number, url: URL): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const declared = Number(headers['content-length'] ?? 0);
  if (declared <= most) {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > most) break;
      chunks.push(chunk);
    }
    if (size <= most) return Buffer.concat(chunks);
  }
  body.on('error', () => undefined).destroy();
  throw new OutboundError('tooLarge', `${url.host} answers with more than ${most} bytes`);
}

/** No generator: one that waits for the next piece would not hear that it is left before that has come. */
function translated(body: Undici.Dispatcher.ResponseData['body'], url: URL): AsyncIterable<Uint8Array> {
  const pieces = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  const reading: AsyncIterator<Uint8Array> = {
    async next() {
      try {
        return await pieces.next();
      } catch (thrown) {
        throw translate(thrown, url, isTimeout(thrown));
      }
    },
    async return() {
      body.on('error', () => undefined).destroy();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => reading };
}

const TIMEOUTS = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT']);

const isTimeout = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' && TIMEOUTS.has(thrown.code);

function translate(thrown: unknown, url: URL, isLate: boolean): unknown {
  if (thrown instanceof OutboundError || thrown instanceof TypeError) return thrown;
  if (isLate) return new OutboundError('timeout', `${url.host} does not answer in time`, thrown);
  if (thrown instanceof Error && thrown.name === 'AbortError') return thrown; // the caller's own wish
  return new OutboundError('unreachable', `${url.host} cannot be reached`, thrown);
}
