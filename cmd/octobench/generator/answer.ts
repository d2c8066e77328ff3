/** The end of an answer: its status, its head, and how long its body was. */
export interface Answer {
  readonly status: number;
  /** The status line and the fields as they came. */
  readonly head: string;
  readonly bodyBytes: number;
  /** Whether the next request may go over the same connection. */
  readonly isKept: boolean;
}

/** What came is no HTTP/1.1, or not what was asked for. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

const HEAD_END = '\r\n\r\n';
const MAX_HEAD_BYTES = 256 * 1024;
const LENGTH = /\r\ncontent-length: *(\d+)/i;
const CHUNKED = /\r\ntransfer-encoding: *chunked/i;
const CLOSE = /\r\nconnection: *close/i;

/** The value of a field in an answer's head; undefined where it is absent. */
export function fieldOf({ head }: Answer, name: string): string | undefined {
  return new RegExp(`\\r\\n${name}: *([^\\r\\n]*)`, 'i').exec(head)?.[1];
}

type Phase = 'head' | 'sized' | 'chunk size' | 'chunk' | 'chunk end' | 'trailer' | 'until closed';

/** Told of each piece of an answer's body; the bytes may be overwritten when it returns. */
export type OnBody = (bytes: Uint8Array) => void;

/** Reads one answer after the other from a connection's bytes. Bodies are counted, told where somebody asks, and dropped. */
export class AnswerReader {
  #phase: Phase = 'head';
  #isHead = false;
  #onBody: OnBody | undefined;
  /** What came of something that is not complete. */
  #partial: Buffer | undefined;
  #head = '';
  #status = 0;
  #bodyBytes = 0;
  /** What is missing of a body, or of a chunk. */
  #missing = 0;

  /** To be told before each request: the answer to a HEAD has no body, whatever its length says. */
  expect(isHead: boolean, onBody?: OnBody): void {
    this.#isHead = isHead;
    this.#onBody = onBody;
  }

  /** The answer that these bytes complete, if they do. They may be overwritten when this returns. */
  read(bytes: Buffer): Answer | undefined {
    let rest = bytes;
    if (this.#partial) {
      rest = Buffer.concat([this.#partial, bytes]);
      this.#partial = undefined;
    }
    for (;;) {
      const next = this.#step(rest);
      if (next === undefined) return undefined;
      if (typeof next !== 'number') return next;
      rest = rest.subarray(next);
    }
  }

  /** The answer that the end of the connection completes, if it does. */
  end(): Answer | undefined {
    return this.#phase === 'until closed' ? this.#finish(false) : undefined;
  }

  /** How many of the bytes were used, the complete answer, or undefined where more have to come. */
  #step(bytes: Buffer): number | Answer | undefined {
    switch (this.#phase) {
      case 'head':
        return this.#readHead(bytes);
      case 'sized':
        if (bytes.length > this.#missing) throw new ProtocolError('more came than was asked for');
        this.#take(bytes);
        return this.#missing === 0 ? this.#finish() : undefined;
      case 'until closed':
        this.#take(bytes);
        return undefined;
      case 'chunk':
        if (bytes.length === 0) return undefined;
        return this.#readChunk(bytes);
      case 'chunk size':
      case 'chunk end':
      case 'trailer':
        return this.#readLine(bytes);
      default:
        return this.#phase satisfies never;
    }
  }

  #readHead(bytes: Buffer): number | Answer | undefined {
    const end = bytes.indexOf(HEAD_END);
    if (end < 0) return this.#keep(bytes);
    const head = bytes.toString('latin1', 0, end + 2);
    const status = Number(head.slice(9, 12));
    if (!head.startsWith('HTTP/1.') || !(status >= 100)) throw new ProtocolError('the answer is no HTTP/1.1');
    const used = end + HEAD_END.length;
    if (status < 200) return used; // 100 Continue and the like: the answer is still to come
    [this.#head, this.#status, this.#bodyBytes] = [head, status, 0];
    if (this.#isHead || status === 204 || status === 304) return this.#finishAt(bytes, used);
    const length = LENGTH.exec(head)?.[1];
    if (length !== undefined) {
      this.#missing = Number(length);
      if (this.#missing === 0) return this.#finishAt(bytes, used);
      this.#phase = 'sized';
    } else this.#phase = CHUNKED.test(head) ? 'chunk size' : 'until closed';
    return used;
  }

  #readChunk(bytes: Buffer): number {
    const own = bytes.subarray(0, this.#missing);
    this.#take(own);
    if (this.#missing === 0) this.#phase = 'chunk end';
    return own.length;
  }

  /** The lines around chunks: sizes, the empty one after each, and the trailer's. */
  #readLine(bytes: Buffer): number | Answer | undefined {
    const end = bytes.indexOf('\r\n');
    if (end < 0) return this.#keep(bytes);
    const line = bytes.toString('latin1', 0, end);
    const used = end + 2;
    if (this.#phase === 'trailer') return line === '' ? this.#finishAt(bytes, used) : used;
    if (this.#phase === 'chunk end') this.#phase = 'chunk size';
    else {
      this.#missing = Number.parseInt(line, 16);
      if (Number.isNaN(this.#missing)) throw new ProtocolError('the size of a chunk cannot be read');
      this.#phase = this.#missing === 0 ? 'trailer' : 'chunk';
    }
    return used;
  }

  #take(bytes: Buffer): void {
    this.#bodyBytes += bytes.length;
    this.#missing -= bytes.length;
    this.#onBody?.(bytes);
  }

  #keep(bytes: Buffer): undefined {
    if (bytes.length > MAX_HEAD_BYTES) throw new ProtocolError('the head of the answer does not end');
    if (bytes.length > 0) this.#partial = Buffer.from(bytes);
  }

  #finishAt(bytes: Buffer, used: number): Answer {
    if (bytes.length > used) throw new ProtocolError('more came than was asked for');
    return this.#finish();
  }

  #finish(isKept = !CLOSE.test(this.#head)): Answer {
    this.#phase = 'head';
    return { status: this.#status, head: this.#head, bodyBytes: this.#bodyBytes, isKept };
  }
}
