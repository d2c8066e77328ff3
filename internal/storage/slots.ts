/** A buffer on loan. */
export interface Slot {
  readonly bytes: Uint8Array;
  /** Gives it back; only the first call counts. Whoever calls it has no read or write under way in it. */
  release(): void;
}

/** Buffers of one size, made as they are needed up to a limit and then used again and again. */
export class SlotPool {
  readonly #make: () => Uint8Array;
  readonly #limit: number;
  readonly #idle: Uint8Array[] = [];
  #inUse = 0;

  constructor(limit: number, make: () => Uint8Array) {
    this.#limit = limit;
    this.#make = make;
  }

  /** How many are on loan. */
  get inUse(): number {
    return this.#inUse;
  }

  /** A buffer with whatever was in it before; undefined where all are on loan. Nobody waits for one. */
  take(): Slot | undefined {
    if (this.#inUse >= this.#limit) return undefined;
    this.#inUse += 1;
    const bytes = this.#idle.pop() ?? this.#make();
    let onLoan = true;
    return {
      bytes,
      release: () => {
        if (!onLoan) return;
        onLoan = false;
        this.#inUse -= 1;
        this.#idle.push(bytes);
      },
    };
  }
}
