import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { createClient } from './client.ts';
import { ClientError } from './errors.ts';
import type { Client, ClientOptions } from './types.ts';

// A suite by its name only because nothing but tests may import it.

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  /** Breaks the connection: before the answer, or in the middle of its body. */
  readonly broken?: 'before' | 'within';
}

export interface Received {
  /** `GET /v2/a/tags/list?n=1`. */
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The next request must be this line; its answer, which may depend on where the registry listens. */
export type Step = readonly [line: string, answer: Answer | ((url: string) => Answer)];

/** A server that plays one scripted answer after the other and remembers what it was asked. */
export interface ScriptedRegistry {
  readonly url: string;
  readonly received: readonly Received[];
  /** What the client was told to wait, in milliseconds. */
  readonly waits: readonly number[];
  readonly client: Client;
  play(...steps: readonly Step[]): void;
  createClient(options?: Partial<ClientOptions>): Client;
}

/** A registry for each test of the file; a test fails where a part of its script was not played. */
export function useScriptedRegistry(): ScriptedRegistry {
  const [received, waits, script]: [Received[], number[], Step[]] = [[], [], []];
  let url = '';
  let client: Client | undefined;
  const server = createServer((request, response) => void respond(request, response));

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const line = `${request.method} ${request.url}`;
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // a request that was broken off was never made
    }
    received.push({ line, headers: request.headers, body: Buffer.concat(chunks).toString() });
    const [expected, found] = script.shift() ?? ['nothing more', { status: 599 }];
    if (expected !== line) {
      response.writeHead(599, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ errors: [{ code: 'SCRIPT', message: `expected ${expected}, not ${line}` }] }));
      return;
    }
    const { status, headers = {}, body = '', broken } = typeof found === 'function' ? found(url) : found;
    if (broken === 'before') return void response.socket?.destroy();
    response.writeHead(status, {
      'content-length': request.method === 'HEAD' ? 0 : Buffer.byteLength(body),
      ...headers,
    } as never);
    if (!broken) return void response.end(body);
    response.write(body.slice(0, body.length / 2), () => response.socket?.destroy());
  }

  const registry: ScriptedRegistry = {
    get url() {
      return url;
    },
    get client() {
      client ??= registry.createClient();
      return client;
    },
    received,
    waits,
    play: (...steps) => void script.push(...steps),
    createClient: (options) =>
      createClient({ url, clock: () => 0, sleep: async (ms) => void waits.push(ms), ...options }),
  };

  beforeEach(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    const left = script.map(([line]) => line);
    for (const list of [received, waits, script]) list.length = 0;
    client = undefined;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    expect(left).toEqual([]);
  });
  return registry;
}

/** What a promise fails with. */
export async function failureOf(promise: Promise<unknown>): Promise<ClientError> {
  const failure = await promise.then(
    () => 'no failure',
    (error: unknown) => error,
  );
  if (failure instanceof ClientError) return failure;
  throw failure;
}

/** A promise of all that an iterable yields. */
export async function listOf<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Content that can be read once, in the given pieces. */
export async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array, void, void> {
  for (const text of texts) {
    await Promise.resolve();
    yield Buffer.from(text);
  }
}
