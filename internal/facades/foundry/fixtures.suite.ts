import request, { type Response } from 'supertest';
import { parseToken } from '../../../cmd/registry-server/tokens.ts';
import { standAlone } from '../../../cmd/registry-server/stand-alone.ts';
import { shareServer, useServer, type ServerOptions, type TestServer } from '../../server/fixtures.suite.ts';

// A suite by its name only because nothing but tests may import it.

export const BASE = '/api/v1';
export const HELLO_HASH = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
export const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export interface Sent {
  /** `t1`, which may do everything, where it is not given; null: none. */
  readonly token?: string | null;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The program of Foundry in this process, with the token `t1` for everything (foundry contract, section 10). */
export interface FoundryServer {
  readonly server: TestServer;
  /** A request to a path below `/api/v1`. */
  readonly ask: (method: string, path: string, sent?: Sent) => Promise<Response>;
  /** Uploads bytes; throws where that is not answered by 201. */
  readonly put: (path: string, body: string | Buffer) => Promise<Response>;
}

/** A server of its own for each test. */
export const useFoundry = (tokens?: readonly unknown[], options?: ServerOptions): FoundryServer =>
  asFoundry(useServer(optionsFor(tokens, options)));

/** One server for all tests of a `describe`. */
export const shareFoundry = (tokens?: readonly unknown[], options?: ServerOptions): FoundryServer =>
  asFoundry(shareServer(optionsFor(tokens, options)));

function optionsFor(tokens: readonly unknown[] = ['t1'], options: ServerOptions = {}): ServerOptions {
  const parsed = tokens.map((entry, index) => parseToken(entry, index, 'foundry'));
  const limits = { 'auth.limits.anonymous': '0', 'auth.limits.requests': '0' };
  const settings = { 'auth.mode': 'basic', ...limits, ...options.settings };
  return { ...options, settings, standAlone: standAlone(parsed) };
}

function asFoundry(server: TestServer): FoundryServer {
  async function ask(method: string, path: string, { token = 't1', body, headers = {} }: Sent = {}): Promise<Response> {
    const asked = request(server.url)[method.toLowerCase() as 'get'](`${BASE}${path}`).redirects(0);
    if (token !== null) void asked.set('Authorization', `Bearer ${token}`);
    if (body !== undefined) void asked.set('Content-Type', 'application/octet-stream');
    for (const [name, value] of Object.entries(headers)) void asked.set(name, value);
    return body === undefined ? asked.buffer(true) : asked.send(body);
  }
  return {
    server,
    ask,
    async put(path, body) {
      const answer = await ask('POST', path, { body });
      if (answer.status !== 201) throw new Error(`${path} is answered by ${answer.status}: ${answer.text}`);
      return answer;
    },
  };
}

/** `409 artifact a@1 already exists`: the status, and what is said of it. */
export const told = ({ status, body }: Response): string =>
  `${status} ${String((body as { readonly message?: string } | undefined)?.message)}`;
