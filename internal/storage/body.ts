/** What came of asking a body for more. A chunk is valid only until the next one is asked for. */
export type Next = Readonly<{ kind: 'chunk'; bytes: Uint8Array }> | BodyEnd;
export type BodyEnd = Readonly<{ kind: 'end' }> | Readonly<{ kind: 'broken'; cause: unknown }>;

/** A body that is asked for its chunks one by one until it ends, breaks off, or a signal says that nobody wants it. */
export class Body {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #signal: AbortSignal;
  #sourceEnded = false;
  #last: BodyEnd | undefined;
  #wake: ((next: Next) => void) | undefined;

  constructor(source: AsyncIterable<Uint8Array>, signal: AbortSignal) {
    this.#source = source[Symbol.asyncIterator]();
    this.#signal = signal;
    signal.addEventListener('abort', this.#abort, { once: true });
    if (signal.aborted) this.#abort();
  }

  /** Never rejects. After the end it gives the same answer again. */
  next(): Promise<Next> {
    if (this.#last) return Promise.resolve(this.#last);
    return new Promise((resolve) => {
      // One waiter for the source and the signal: a race against a promise that lives long would grow with each chunk.
      this.#wake = resolve;
      this.#source.next().then(
        (result) => resolve(result.done ? this.#end({ kind: 'end' }) : { kind: 'chunk', bytes: result.value }),
        (cause: unknown) => resolve(this.#end({ kind: 'broken', cause })),
      );
    });
  }

  /** Tells the source that no more is asked, where it did not end itself. */
  close(): void {
    this.#signal.removeEventListener('abort', this.#abort);
    if (this.#sourceEnded) return;
    // Not awaited: a generator that waits for a source of its own answers only when that does.
    this.#source.return?.().catch(() => undefined);
  }

  readonly #abort = (): void => {
    this.#last ??= { kind: 'broken', cause: this.#signal.reason };
    this.#wake?.(this.#last);
  };

  #end(last: BodyEnd): BodyEnd {
    this.#sourceEnded = true;
    return (this.#last ??= last);
  }
}
