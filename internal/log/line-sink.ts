/** The part of a writable stream that a sink needs: `done` is called once the chunk is out, or has failed. */
export interface Output {
  write(chunk: string, done: (error?: Error | null) => void): unknown;
}

export interface LineSinkOptions {
  /** Told how many lines were lost, once lines get through again. */
  readonly onDropped: (count: number) => void;
  /** Bytes that are handed over together, at most, longer lines apart. */
  readonly chunkBytes: number;
  /** Bytes that may wait; past it lines are dropped and counted. */
  readonly maxBytes?: number;
  /** Runs the work soon; one round of the event loop later unless a test sets it. */
  readonly defer?: (work: () => void) => void;
}

const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Collects lines and hands them to the output in chunks of whole lines, one at a time and never on the caller's path.
 * Memory is bounded: while an output is stuck, what does not fit is dropped and counted.
 */
export class LineSink {
  readonly #output: Output;
  readonly #onDropped: (count: number) => void;
  readonly #chunkBytes: number;
  readonly #maxBytes: number;
  readonly #defer: (work: () => void) => void;
  readonly #full: string[] = [];
  #open = '';
  #openBytes = 0;
  #waitingBytes = 0;
  #dropped = 0;
  #active = false;
  #idle: (() => void)[] = [];

  constructor(output: Output, options: LineSinkOptions) {
    this.#output = output;
    this.#onDropped = options.onDropped;
    this.#chunkBytes = options.chunkBytes;
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
    this.#defer = options.defer ?? setImmediate;
  }

  /** Takes one line, its newline included. */
  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#waitingBytes + bytes > this.#maxBytes) {
      this.#dropped += 1;
      return;
    }
    if (this.#openBytes > 0 && this.#openBytes + bytes > this.#chunkBytes) this.#closeChunk();
    this.#open += line;
    this.#openBytes += bytes;
    this.#waitingBytes += bytes;
    if (this.#active) return;
    this.#active = true;
    this.#defer(() => this.#writeNext());
  }

  /** Resolves when nothing waits any more. */
  drained(): Promise<void> {
    return this.#active ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve();
  }

  /** For the end of the process, when no event comes any more: hands over all that waits at once. */
  drainNow(): void {
    this.#closeChunk();
    const rest = this.#full.splice(0).join('');
    if (rest !== '') this.#send(rest, () => undefined);
  }

  #closeChunk(): void {
    if (this.#open !== '') this.#full.push(this.#open);
    this.#open = '';
    this.#openBytes = 0;
  }

  #writeNext(): void {
    if (this.#full.length === 0) this.#closeChunk();
    const chunk = this.#full.shift();
    if (chunk === undefined) {
      this.#active = false;
      for (const resolve of this.#idle.splice(0)) resolve();
      return;
    }
    this.#send(chunk, (error) => {
      this.#waitingBytes -= Buffer.byteLength(chunk);
      if (error) {
        this.#dropped += chunk.split('\n').length - 1;
        this.#defer(() => this.#writeNext()); // failures come in the call itself: not one inside the other
      } else {
        this.#reportDropped(); // only where lines get through: a report to a dead output would be the next loss
        this.#writeNext(); // at once: under load a round of the event loop brings more lines than a chunk holds
      }
    });
  }

  #reportDropped(): void {
    if (this.#dropped === 0 || this.#waitingBytes > this.#maxBytes / 2) return;
    const count = this.#dropped;
    this.#dropped = 0;
    this.#onDropped(count);
  }

  #send(chunk: string, done: (error?: Error | null) => void): void {
    try {
      this.#output.write(chunk, done);
    } catch (error) {
      done(error as Error); // a file on a full disk fails in the call itself
    }
  }
}
