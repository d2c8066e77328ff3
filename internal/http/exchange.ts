import type { IncomingMessage, ServerResponse } from 'node:http';
import type { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { Actor } from '../auth/index.ts';
import type { AskedSite, Peer } from './addresses.ts';
import type { Demand } from './routes.ts';

export type Headers = Readonly<Record<string, string | number | undefined>>;

/** What the server knows beforehand about each request's surroundings. */
export interface Surroundings {
  /** Milliseconds, monotonic: for durations. */
  readonly ticks: () => number;
  readonly newRequestId: () => string;
  /** The client's address: the peer's, or what a trusted proxy says. */
  readonly addressOf: (peer: Peer, forwardedFor: string | undefined) => string;
  /** Scheme and host by which the client reached us, without a path: what a trusted proxy says, or the request's own. */
  readonly siteOf: (peer: Peer, asked: AskedSite) => string;
  /** Told of each piece of a body that came in, in bytes. */
  readonly onBodyBytes: (count: number) => void;
}

/** RFC 9112, section 3.2.2: a target may be a whole URL, of which path and query count. */
function originForm(target: string): string {
  const match = target.startsWith('/') ? null : /^https?:\/\/[^/?]*(.*)$/i.exec(target);
  if (!match) return target;
  const rest = match[1] ?? '';
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/**
 * A body up to this goes out as a string, which Node puts behind the head and writes as one piece; bytes would be a
 * second one.
 */
const JOINED_BYTES = 16 * 1024;

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** What counts the requests that are at work. */
export interface Work {
  enter(): void;
  leave(): void;
}

/** Nobody is there to read the rest of an answer: no failure of ours. */
export class ClientLeft extends Error {
  constructor(cause?: unknown) {
    super('the client left before the answer ended', { cause });
    this.name = 'ClientLeft';
  }
}

/** Each connection's is parsed once. */
const certificates = new WeakMap<TLSSocket, X509Certificate>();

/** One request and its answer, from the first byte of the head to the line in the log. */
export class Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly rawQuery: string;
  readonly startedTicks: number;
  /** Sent with each answer, before its own headers: name, value, name, value. */
  baseHeaders: readonly string[] = [];
  /** The route's template, for log and metrics; `other` where none matched. */
  route = 'other';
  /** Who asks, once the gate has said so. */
  actor: Actor | undefined;
  /** What it takes to be let through, once the gate was asked. */
  demand: Demand | undefined;
  /** Whether who asks may not do it, and that is worth telling: a challenge to sign in is no denial. */
  isDenied = false;
  /** Whether it came on a connection for which there is no room: it is not worked on. */
  isSurplus = false;
  /** Bytes of body sent. */
  sentBytes = 0;
  /** What went wrong, for the log. */
  failure: unknown;
  /** Whether that came after the head and was ours, so that the answer, whatever its status, is not whole. */
  isCut = false;
  readonly #surroundings: Surroundings;
  /** Asked for at once: a connection that has ended does not know any more. */
  readonly #peer: Peer;
  #query: URLSearchParams | undefined;
  #requestId: string | undefined;
  #address: string | undefined;
  #awaitsContinue: boolean;
  /** Until the answer begins. */
  #work: Work | undefined;
  /** Whether that counts us just now. */
  #isAtWork = false;
  /** Whether a piece of the body is being worked on. */
  #hasChunk = false;
  /** Since when nothing but more of the body could be worked on. */
  #waitsSinceTicks: number;

  constructor(req: IncomingMessage, res: ServerResponse, surroundings: Surroundings, awaitsContinue = false) {
    const url = originForm(req.url ?? '/');
    const question = url.indexOf('?');
    this.req = req;
    this.res = res;
    this.method = req.method ?? 'GET';
    this.path = question < 0 ? url : url.slice(0, question);
    this.rawQuery = question < 0 ? '' : url.slice(question + 1);
    this.startedTicks = surroundings.ticks();
    this.#waitsSinceTicks = this.startedTicks;
    this.#surroundings = surroundings;
    this.#peer = { address: req.socket.remoteAddress, port: req.socket.remotePort };
    this.#awaitsContinue = awaitsContinue;
  }

  /** The name of who asks, for log and log of changes. */
  get principal(): string {
    return this.actor?.name ?? 'anonymous';
  }

  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.rawQuery));
  }

  get requestId(): string {
    return (this.#requestId ??= this.#surroundings.newRequestId());
  }

  /** For surfaces on which clients may bring one; before anything was told under another. */
  set requestId(id: string) {
    this.#requestId = id;
  }

  get address(): string {
    return (this.#address ??= this.#surroundings.addressOf(this.#peer, this.header('x-forwarded-for')));
  }

  /** Scheme and host by which the client reached us: `https://registry.example.com`. */
  get site(): string {
    return this.#surroundings.siteOf(this.#peer, {
      host: this.header('host'),
      isEncrypted: this.req.socket instanceof TLSSocket,
      forwardedProto: this.header('x-forwarded-proto'),
      forwardedHost: this.header('x-forwarded-host'),
    });
  }

  /** The client's certificate; undefined where it showed none that an authority we trust has signed. */
  get certificate(): X509Certificate | undefined {
    const { socket } = this.req;
    if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
    const certificate = certificates.get(socket) ?? socket.getPeerX509Certificate();
    if (certificate) certificates.set(socket, certificate);
    return certificate;
  }

  get elapsedMs(): number {
    return this.#surroundings.ticks() - this.startedTicks;
  }

  /** A request header, its repetitions joined with commas; undefined where absent. */
  header(name: string): string | undefined {
    const value = this.req.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  /**
   * Counts as one of `work`, which has counted it already, until its answer begins or nobody waits for it any more. In
   * between it does not count while the client is waited for.
   */
  countAs(work: Work): void {
    this.#work = work;
    this.#isAtWork = true;
  }

  /** Ends that. */
  countNoMore(): void {
    this.#rest();
    this.#work = undefined;
  }

  #rest(): void {
    if (!this.#isAtWork) return;
    this.#isAtWork = false;
    this.#work?.leave();
  }

  #resume(): void {
    if (!this.#work || this.#isAtWork) return;
    this.#isAtWork = true;
    this.#work.enter();
  }

  /** Whether more of the body has to come from the client before there is anything to do. */
  get waitsForBody(): boolean {
    return !this.#hasChunk && this.req.readableLength === 0 && !this.req.complete;
  }

  /** Milliseconds since there was last something to do, where `waitsForBody`. */
  get waitedForBodyMs(): number {
    return this.#surroundings.ticks() - this.#waitsSinceTicks;
  }

  #waitForBody(): void {
    if (!this.waitsForBody) return;
    this.#waitsSinceTicks = this.#surroundings.ticks();
    this.#rest();
  }

  /**
   * The request's body. A client that waits for `100 Continue` is told to go on when the body is first asked for,
   * so that a refusal comes before a byte is read. Stopping early leaves the connection fit for an answer.
   */
  async *body(): AsyncIterable<Uint8Array> {
    if (this.#awaitsContinue) {
      this.#awaitsContinue = false;
      this.res.writeContinue();
    }
    this.#waitForBody();
    try {
      for await (const chunk of this.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
        this.#resume();
        this.#surroundings.onBodyBytes(chunk.length);
        this.#hasChunk = true;
        yield chunk;
        this.#hasChunk = false;
        this.#waitForBody();
      }
    } finally {
      this.#hasChunk = false;
    }
    this.#resume();
  }

  #head(status: number, headers: Headers, more: readonly string[] = []): void {
    this.countNoMore();
    const flat = this.baseHeaders.concat(more);
    for (const name in headers) {
      const value = headers[name];
      if (value !== undefined) flat.push(name, String(value));
    }
    this.res.writeHead(status, flat);
  }

  /** Sends the whole answer. On HEAD the headers alone go out; `content-length` is set from the body where it is missing. */
  respond(status: number, headers: Headers = {}, body?: Uint8Array | string): void {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const lengthless = headers['content-length'] !== undefined || status === 204 || status === 304;
    this.#head(status, headers, lengthless ? [] : ['content-length', String(bytes?.length ?? 0)]);
    if (this.method === 'HEAD' || !bytes?.length) {
      this.res.end();
      return;
    }
    this.sentBytes = bytes.length;
    if (bytes.length > JOINED_BYTES) this.res.end(bytes);
    else this.res.end(asBuffer(bytes).toString('latin1'), 'latin1');
  }

  respondJson(status: number, value: unknown, headers: Headers = {}): void {
    this.respond(status, { 'content-type': 'application/json', ...headers }, JSON.stringify(value));
  }

  /**
   * Sends the head, then the chunks as they come, each gone to the kernel before the next is asked for. The head waits
   * for the first chunk: what cannot be read at all is still answered as a failure.
   */
  async respondStream(status: number, headers: Headers, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of chunks) {
      if (!this.res.headersSent) this.#head(status, headers);
      await this.#write(chunk);
      this.sentBytes += chunk.length;
    }
    if (!this.res.headersSent) this.#head(status, headers);
    this.res.end();
  }

  /** Resolves when the chunk has gone to the kernel; rejects (ClientLeft) when nobody is there, also where nothing was ever sent. */
  #write(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const onClose = (): void => reject(new ClientLeft());
      if (this.res.destroyed) return onClose();
      this.res.once('close', onClose);
      this.res.write(chunk, (failure) => {
        this.res.removeListener('close', onClose);
        if (failure) reject(new ClientLeft(failure));
        else resolve();
      });
    });
  }
}
