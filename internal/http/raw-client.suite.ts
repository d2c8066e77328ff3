import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

// A suite by its name only because nothing but tests may import it.

/** An answer as it came, read without any politeness. */
export interface RawAnswer {
  readonly status: number;
  readonly reason: string;
  /** By lower-case name; repetitions joined with commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const PATIENCE_MS = 5000;
const HEAD_END = '\r\n\r\n';

/** A connection on which a test writes whatever it likes, well-formed or not. */
export class RawConnection {
  readonly #socket: Socket;
  #parts: Buffer[] = [];
  #isOver = false;
  #changed = Promise.withResolvers<void>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    const change = (): void => {
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    };
    socket.on('data', (chunk: Buffer) => {
      this.#parts.push(chunk);
      change();
    });
    socket.on('error', () => undefined); // the server may end the connection as it likes: `close` follows
    for (const event of ['end', 'close'] as const) {
      socket.on(event, () => {
        this.#isOver = true;
        change();
      });
    }
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** Sends the text of a head without its empty line, in CRLF lines; `Host` is added unless it is there. */
  head(line: string, headers: readonly string[] = []): void {
    const all = headers.some((header) => /^host:/i.test(header)) ? headers : ['Host: localhost', ...headers];
    this.write([line, ...all].join('\r\n') + HEAD_END);
  }

  write(data: Uint8Array | string): void {
    if (this.#socket.writable) this.#socket.write(data);
  }

  /** Ends the sending side. */
  end(): void {
    this.#socket.end();
  }

  /** Breaks the connection at once. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** The next answer on this connection; `bodiless` for one to HEAD. */
  async answer(bodiless = false): Promise<RawAnswer> {
    const end = await this.#until(() => {
      const at = this.#received().indexOf(HEAD_END);
      return at < 0 ? undefined : at;
    }, 'the head of an answer');
    const [line = '', ...fields] = this.#take(end + HEAD_END.length)
      .subarray(0, end)
      .toString('latin1')
      .split('\r\n');
    const [, status = '', reason = ''] = /^HTTP\/1\.1 (\d{3}) ?(.*)$/.exec(line) ?? [];
    const headers: Record<string, string> = {};
    for (const field of fields) {
      const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(field) ?? [];
      headers[name.toLowerCase()] = name.toLowerCase() in headers ? `${headers[name.toLowerCase()]}, ${value}` : value;
    }
    const lengthless = bodiless || /^(?:1\d\d|204|304)$/.test(status);
    const length = lengthless ? 0 : Number(headers['content-length'] ?? 0);
    await this.#until(() => (this.#receivedBytes() >= length ? true : undefined), 'the body of an answer');
    const body = this.#take(length);
    return { status: Number(status), reason, headers, body };
  }

  /** Resolves with what was still received when the server has ended its side of the connection. */
  async ended(): Promise<Buffer> {
    await this.#until(() => (this.#isOver ? true : undefined), 'the end of the connection', true);
    return this.#received();
  }

  /** Resolves when the first bytes of an answer are there. */
  async begun(): Promise<void> {
    await this.#until(() => (this.#receivedBytes() > 0 ? true : undefined), 'the first byte of an answer');
  }

  /** Resolves when the server has let go of the connection altogether, so that it takes nothing any more. */
  async gone(): Promise<void> {
    const endMs = performance.now() + PATIENCE_MS;
    while (!this.#socket.destroyed) {
      if (performance.now() > endMs) throw new Error('the server holds on to the connection');
      this.write(' ');
      await new Promise(setImmediate);
    }
  }

  /** Stops reading, as a client does that is busy otherwise. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  #receivedBytes(): number {
    return this.#parts.reduce((sum, { length }) => sum + length, 0);
  }

  /** All that came and was not taken yet, in one piece. */
  #received(): Buffer {
    const whole = Buffer.concat(this.#parts);
    this.#parts = [whole];
    return whole;
  }

  #take(length: number): Buffer {
    const whole = this.#received();
    this.#parts = [whole.subarray(length)];
    return whole.subarray(0, length);
  }

  async #until<T>(find: () => T | undefined, what: string, evenIfOver = false): Promise<T> {
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      this.#socket.destroy();
    }, PATIENCE_MS);
    try {
      for (;;) {
        if (isLate) throw new Error(`waited in vain for ${what}`); // not to be taken for an end by the server
        const found = find();
        if (found !== undefined) return found;
        if (this.#isOver && !evenIfOver) throw new Error(`the connection ended before ${what}`);
        await this.#changed.promise;
      }
    } finally {
      clearTimeout(late);
    }
  }
}

/** One request on a connection of its own, and its answer. */
export async function askRaw(
  port: number,
  line: string,
  headers: readonly string[] = [],
  body: Uint8Array | string = '',
): Promise<RawAnswer> {
  const connection = await RawConnection.open(port);
  try {
    const length = body.length > 0 ? [`Content-Length: ${Buffer.byteLength(body)}`] : [];
    connection.head(line, [...headers, ...length]);
    if (body.length > 0) connection.write(body);
    return await connection.answer(line.startsWith('HEAD '));
  } finally {
    connection.close();
  }
}
