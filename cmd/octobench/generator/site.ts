import { createHash } from 'node:crypto';
import { createAuthenticator, type Authenticator, type Credentials } from '../../../pkg/client/index.ts';
import { fieldOf, type Answer } from './answer.ts';
import type { Body } from './body.ts';
import type { Connection } from './connection.ts';
import { parseEndpoint, type Endpoint } from './endpoint.ts';

/** A registry, and who we are to it; plain data. */
export interface SiteSpec {
  readonly url: string;
  readonly credentials?: Credentials | undefined;
  readonly authHosts: readonly string[];
}

/** A request with the statuses of success. Its head is made once as long as the same object is sent. */
export interface Call {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  /** What it needs the right to: `repository:a/b:pull`. */
  readonly scopes: readonly string[];
  readonly expect: readonly number[];
  readonly fields?: readonly string[];
  readonly body?: Body;
  /** Sends the body in chunks, as if its length were not known. */
  readonly isChunked?: boolean;
}

/** The registry answered, but not as it should have. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer';

  constructor({ method, path, expect }: Call, { status }: Answer) {
    const [, kind = path] = /^\/v2\/.+\/(blobs\/uploads|blobs|manifests|tags|referrers)\//.exec(path) ?? [];
    super(`${method} ${kind}: ${status} where ${expect.join(' or ')} was due`);
  }
}

/** The registry is too busy just now, and says when to come again. */
export class Refused extends WrongAnswer {
  readonly retryAfterMs: number;

  constructor(call: Call, answer: Answer, retryAfterMs: number) {
    super(call, answer);
    this.retryAfterMs = retryAfterMs;
  }
}

/** The body is not that of the digest which was asked for, or which the answer names. */
export class WrongBody extends Error {
  override readonly name = 'WrongBody';

  constructor({ method, path }: Call) {
    super(`${method} ${path.includes('/blobs/') ? 'blobs' : 'manifests'}: a body of another digest`);
  }
}

/** Sends calls to one registry, with whatever authorization it asks for. */
export interface Site {
  readonly endpoint: Endpoint;
  /**
   * Throws a WrongAnswer for any status but those that the call expects: a Refused where it says when to come again. A
   * WrongBody where bodies are checked.
   */
  send(connection: Connection, call: Call): Promise<Answer>;
}

interface Head {
  readonly authorization: string | undefined;
  readonly bytes: Uint8Array;
}

const USER_AGENT = 'octobench';

function lengthField({ method, body, isChunked }: Call): readonly string[] {
  if (isChunked) return ['Transfer-Encoding: chunked'];
  return method === 'GET' || method === 'HEAD' ? [] : [`Content-Length: ${body?.sizeBytes ?? 0}`];
}

function headOf(call: Call, host: string, authorization: string | undefined): Uint8Array {
  const lines = [
    `${call.method} ${call.path} HTTP/1.1`,
    `Host: ${host}`,
    `User-Agent: ${USER_AGENT}`,
    ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]),
    ...lengthField(call),
    ...(call.fields ?? []),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}

const DIGEST_AT_END = /\b(sha256:[0-9a-f]{64})$/;

/** Which digest the body has to have; undefined where nothing says so. */
const digestFor = ({ path }: Call, answer: Answer): string | undefined =>
  DIGEST_AT_END.exec(path)?.[1] ?? fieldOf(answer, 'docker-content-digest');

function wrongAnswer(call: Call, answer: Answer): WrongAnswer {
  const seconds = answer.status === 429 || answer.status === 503 ? fieldOf(answer, 'retry-after') : undefined;
  return /^\d+$/.test(seconds ?? '')
    ? new Refused(call, answer, Number(seconds) * 1000)
    : new WrongAnswer(call, answer);
}

export interface SiteOptions {
  /** Whether content is held against its digest. */
  readonly checksBodies?: boolean;
  /** Told of each answer that is as it should be. */
  readonly onAnswered?: () => void;
  /** Told of each refusal; resolves when it is time to ask again, with false where there is none left. */
  readonly onRefused?: (refused: Refused) => Promise<boolean>;
}

/** Asks the registry first how it wants to be asked. */
export async function openSite(
  { url, credentials, authHosts }: SiteSpec,
  { checksBodies = false, onAnswered, onRefused = async () => false }: SiteOptions = {},
): Promise<Site> {
  const endpoint = parseEndpoint(url);
  const root = new URL(url);
  const deps = { root, credentials, authHosts, userAgent: USER_AGENT, fetch, clock: Date.now };
  const auth = await learnAuth(createAuthenticator(deps), root);
  const heads = new WeakMap<Call, Head>();

  function headFor(call: Call, authorization: string | undefined): Uint8Array {
    const known = heads.get(call);
    if (known && known.authorization === authorization) return known.bytes;
    const bytes = headOf(call, endpoint.host, authorization);
    heads.set(call, { authorization, bytes });
    return bytes;
  }

  async function attempt(connection: Connection, call: Call): Promise<Answer> {
    const authorization = auth && (await auth.authorize(call.scopes, undefined));
    const hash = checksBodies && call.method === 'GET' ? createHash('sha256') : undefined;
    const answer = await connection.ask(headFor(call, authorization), {
      isHead: call.method === 'HEAD',
      body: call.body,
      onBody: hash && ((bytes) => void hash.update(bytes)),
    });
    const digest = hash && answer.status === 200 ? digestFor(call, answer) : undefined;
    if (hash && digest !== undefined && `sha256:${hash.digest('hex')}` !== digest) throw new WrongBody(call);
    return answer;
  }

  async function send(connection: Connection, call: Call): Promise<Answer> {
    let answer = await attempt(connection, call);
    // A token may have run out on its way; what is refused twice is refused.
    if (answer.status === 401 && auth && connection.isUsable) {
      const isNew = await auth.learn(fieldOf(answer, 'www-authenticate') ?? '', call.scopes, undefined);
      if (isNew) answer = await attempt(connection, call);
    }
    if (call.expect.includes(answer.status)) {
      onAnswered?.();
      return answer;
    }
    const wrong = wrongAnswer(call, answer);
    if (wrong instanceof Refused && (await onRefused(wrong)) && connection.isUsable) return send(connection, call);
    throw wrong;
  }

  return { endpoint, send };
}

/** Undefined where nobody is asked who they are: then each request does without the question. */
async function learnAuth(auth: Authenticator, root: URL): Promise<Authenticator | undefined> {
  const response = await fetch(new URL('/v2/', root), { headers: { 'user-agent': USER_AGENT }, redirect: 'manual' });
  await response.body?.cancel();
  if (response.status !== 401) return undefined;
  await auth.learn(response.headers.get('www-authenticate') ?? '', [], undefined);
  return auth;
}
