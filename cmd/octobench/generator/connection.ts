import { connect as connectPlain, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AnswerReader, ProtocolError, type Answer, type OnBody } from './answer.ts';
import type { Body } from './body.ts';
import type { Endpoint } from './endpoint.ts';

/** A connection on which nothing moves for so long has failed. */
const SILENCE_MS = 60_000;

// One buffer for all connections: what is read into it has been looked at when the next read begins.
const READ_BUFFER = Buffer.allocUnsafeSlow(1024 * 1024);

/** The connection ended while something was asked. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

interface Asking {
  readonly isHead?: boolean;
  readonly body?: Body | undefined;
  /** Told of what comes as the answer's body. */
  readonly onBody?: OnBody | undefined;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (failure: Error) => void;
}

/**
 * One HTTP/1.1 connection, one request at a time. No more of HTTP than a load generator needs, so that the generator is
 * not the limit: what is sent is ready-made, what comes is counted.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #reader = new AnswerReader();
  #waiting: Waiting | undefined;
  #isUsable = true;
  /** Bytes of everything that went over this connection. */
  receivedBytes = 0;
  sentBytes = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Rejects with the system's error where nobody listens. */
  static open({ isTls, hostname, port }: Endpoint): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const options: TcpNetConnectOpts = {
        host: hostname,
        port,
        noDelay: true,
        onread: { buffer: READ_BUFFER, callback: (length, buffer) => connection.#receive(buffer, length) },
      };
      const socket = isTls
        ? connectTls({ ...options, servername: hostname }, () => resolve(connection))
        : connectPlain(options, () => resolve(connection));
      const connection = new Connection(socket);
      socket.setTimeout(SILENCE_MS, () => socket.destroy(new ConnectionLost(`nothing moved for ${SILENCE_MS} ms`)));
      socket.once('error', (error) => {
        reject(error);
        connection.#lose(error);
      });
      socket.once('end', () => connection.#end());
      socket.once('close', () => connection.#lose(new ConnectionLost('the connection was closed')));
    });
  }

  /** Whether another request may be sent. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** Sends a request and resolves with its answer, whatever its status; rejects where the connection fails. */
  ask(head: Uint8Array, { isHead = false, body, onBody }: Asking = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (!this.#isUsable) return reject(new ConnectionLost('the connection was closed'));
      this.#waiting = { resolve, reject };
      this.#reader.expect(isHead, onBody);
      this.#socket.cork(); // a small body leaves together with its head
      this.#socket.write(head);
      this.sentBytes += head.length;
      if (body) void this.#sendBody(body);
      this.#socket.uncork();
    });
  }

  close(): void {
    this.#isUsable = false;
    this.#socket.destroy();
  }

  /** An answer that comes before the body's end ends the body: the server wants no more of it. */
  async #sendBody(body: Body): Promise<void> {
    const own = this.#waiting;
    for (const piece of body.pieces()) {
      if (this.#waiting !== own) return this.close();
      this.sentBytes += piece.length;
      if (!this.#socket.write(piece)) await new Promise<void>((go) => this.#onRoom(go));
    }
  }

  #onRoom(go: () => void): void {
    const done = (): void => {
      this.#socket.off('drain', done).off('close', done);
      go();
    };
    if (this.#socket.destroyed) go();
    else this.#socket.on('drain', done).on('close', done);
  }

  #receive(buffer: Uint8Array, length: number): boolean {
    this.receivedBytes += length;
    try {
      const answer = this.#reader.read(Buffer.from(buffer.buffer, buffer.byteOffset, length));
      if (answer) this.#answer(answer);
    } catch (error) {
      this.#lose(error as ProtocolError);
    }
    return true;
  }

  #answer(answer: Answer): void {
    const waiting = this.#waiting;
    if (!waiting) throw new ProtocolError('an answer came to nothing that was asked');
    this.#waiting = undefined;
    if (!answer.isKept) this.close();
    waiting.resolve(answer);
  }

  #end(): void {
    const answer = this.#reader.end();
    if (answer && this.#waiting) this.#answer(answer);
  }

  #lose(error: Error): void {
    this.close();
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}
