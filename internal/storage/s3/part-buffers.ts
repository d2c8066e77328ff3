/** A buffer on loan, for one part. */
export interface PartBuffer {
  readonly bytes: Buffer;
  /** Says that it waits for its client's next bytes; `giveWay`, if given, may be called once to have it back soon. */
  rest(giveWay?: () => void): void;
  /** Says that it is in use again. */
  wake(): void;
  /** Gives it back; to be called once, when nobody reads or writes it any more. */
  release(): void;
}

interface Resting {
  readonly giveWay: (() => void) | undefined;
  readonly sinceMs: number;
  readonly units: number;
}

interface Waiting {
  readonly units: number;
  readonly resolve: (buffer: PartBuffer) => void;
}

/** So many units are kept while there is nothing to do. */
const KEPT_IDLE = 2;
/** A buffer that has rested for so long belongs to a slow client. */
const SLOW_MS = 2000;

/**
 * Memory for parts on their way to S3, bounded and shared by all uploads; counted in units of the usual part. Whoever
 * wants some when all is on loan waits, and what has rested longest is called back: hundreds of slow clients, each with
 * a part half full, must not keep a fast one from going on.
 */
export class PartBuffers {
  /** In units. */
  readonly limit: number;
  readonly #unitBytes: number;
  readonly #clock: () => number;
  readonly #idle: Buffer[] = [];
  /** In the order in which they went to rest. */
  readonly #resting = new Map<PartBuffer, Resting>();
  readonly #calledBack = new Map<PartBuffer, number>();
  readonly #waiting: Waiting[] = [];
  #inUse = 0;

  constructor(limit: number, unitBytes: number, clock: () => number) {
    this.limit = limit;
    this.#unitBytes = unitBytes;
    this.#clock = clock;
  }

  /** How many units are on loan. */
  get inUse(): number {
    return this.#inUse;
  }

  /** True while there is enough for an upload to have more than it needs. */
  get plenty(): boolean {
    return this.#inUse * 2 < this.limit;
  }

  /** A buffer of so many units, with whatever was in it before. */
  take(units = 1): Promise<PartBuffer> {
    if (units > this.limit) throw new RangeError(`no buffer of ${units} units in ${this.limit}`);
    return new Promise((resolve) => {
      this.#waiting.push({ units, resolve });
      this.#serve();
    });
  }

  /** First come, first served. */
  #serve(): void {
    for (let next = this.#waiting[0]; next && this.#inUse + next.units <= this.limit; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#inUse += next.units;
      next.resolve(this.#lend(this.#find(next.units), next.units));
    }
    this.#callBack();
  }

  #find(units: number): Buffer {
    const at = this.#idle.findIndex(({ length }) => length === units * this.#unitBytes);
    const [found] = at < 0 ? [] : this.#idle.splice(at, 1);
    // What lies idle counts too: of another size, it goes.
    while (this.#idleUnits() + this.#inUse > this.limit) this.#idle.shift();
    return found ?? Buffer.allocUnsafeSlow(units * this.#unitBytes);
  }

  #idleUnits(): number {
    return sum(this.#idle.map(({ length }) => length / this.#unitBytes));
  }

  #lend(bytes: Buffer, units: number): PartBuffer {
    const buffer: PartBuffer = {
      bytes,
      rest: (giveWay) => {
        if (this.#calledBack.has(buffer)) return;
        this.#resting.set(buffer, { giveWay, sinceMs: this.#clock(), units });
        this.#callBack();
      },
      wake: () => void this.#resting.delete(buffer),
      release: () => {
        this.#resting.delete(buffer);
        this.#calledBack.delete(buffer);
        this.#inUse -= units;
        this.#idle.push(bytes);
        this.#serve();
        while (this.#inUse === 0 && this.#idleUnits() > KEPT_IDLE) this.#idle.shift();
      },
    };
    return buffer;
  }

  /** Calls back as much as is waited for: from slow clients at once, from others only where nothing else comes back. */
  #callBack(): void {
    const wanted = sum(this.#waiting.map(({ units }) => units)) - (this.limit - this.#inUse);
    let coming = sum([...this.#calledBack.values()]);
    for (const [buffer, { giveWay, sinceMs, units }] of this.#resting) {
      if (coming >= wanted) return;
      const allRest = this.#inUse === coming + sum([...this.#resting.values()].map((each) => each.units));
      if (!allRest && this.#clock() - sinceMs < SLOW_MS) return;
      if (!giveWay) continue;
      this.#resting.delete(buffer);
      this.#calledBack.set(buffer, units);
      coming += units;
      giveWay();
    }
  }
}

function sum(units: readonly number[]): number {
  return units.reduce((total, each) => total + each, 0);
}
