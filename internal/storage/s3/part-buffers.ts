/** A buffer on loan, of the size of a part. */
export interface PartBuffer {
  readonly bytes: Buffer;
  /** Says that it waits for its client's next bytes; `giveWay`, if given, may be called once to have it back soon. */
  rest(giveWay?: () => void): void;
  /** Says that it is in use again. */
  wake(): void;
  /** Gives it back; to be called once, when nobody reads or writes it any more. */
  release(): void;
}

interface Loan {
  readonly giveWay: (() => void) | undefined;
  readonly sinceMs: number;
}

/** A buffer that has rested for so long belongs to a slow client. */
const SLOW_MS = 2000;

/**
 * A bounded number of buffers for parts on their way to S3, shared by all uploads. Whoever wants one when all are on
 * loan waits, and the one that has rested longest is called back: hundreds of slow clients, each with a part half full,
 * must not keep a fast one from going on.
 */
export class PartBuffers {
  readonly limit: number;
  readonly sizeBytes: number;
  readonly #clock: () => number;
  readonly #idle: Buffer[] = [];
  /** In the order in which they went to rest. */
  readonly #resting = new Map<PartBuffer, Loan>();
  readonly #calledBack = new Set<PartBuffer>();
  readonly #waiting: ((buffer: PartBuffer) => void)[] = [];
  #inUse = 0;

  constructor(limit: number, sizeBytes: number, clock: () => number) {
    this.limit = limit;
    this.sizeBytes = sizeBytes;
    this.#clock = clock;
  }

  /** How many are on loan. */
  get inUse(): number {
    return this.#inUse;
  }

  /** True while there are enough for an upload to have more than it needs. */
  get plenty(): boolean {
    return this.#inUse * 2 < this.limit;
  }

  take(): Promise<PartBuffer> {
    if (this.#inUse < this.limit) {
      this.#inUse += 1;
      return Promise.resolve(this.#lend(this.#idle.pop() ?? Buffer.allocUnsafeSlow(this.sizeBytes)));
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#callBack();
    });
  }

  #lend(bytes: Buffer): PartBuffer {
    const buffer: PartBuffer = {
      bytes,
      rest: (giveWay) => {
        if (this.#calledBack.has(buffer)) return;
        this.#resting.set(buffer, { giveWay, sinceMs: this.#clock() });
        this.#callBack();
      },
      wake: () => void this.#resting.delete(buffer),
      release: () => {
        this.#resting.delete(buffer);
        this.#calledBack.delete(buffer);
        this.#receive(bytes);
      },
    };
    return buffer;
  }

  #receive(bytes: Buffer): void {
    const next = this.#waiting.shift();
    if (next) {
      next(this.#lend(bytes));
      this.#callBack();
    } else {
      this.#inUse -= 1;
      this.#idle.push(bytes);
    }
  }

  /** Calls back one for each that is waited for: slow clients' at once, others' only where no other will come back. */
  #callBack(): void {
    for (const [buffer, { giveWay, sinceMs }] of this.#resting) {
      if (this.#calledBack.size >= this.#waiting.length) return;
      const allRest = this.#inUse === this.#resting.size + this.#calledBack.size;
      if (!allRest && this.#clock() - sinceMs < SLOW_MS) return;
      if (!giveWay) continue;
      this.#resting.delete(buffer);
      this.#calledBack.add(buffer);
      giveWay();
    }
  }
}
