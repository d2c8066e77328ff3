import { drainAfterAnswer } from './bodies.ts';
import type { Exchange, Work } from './exchange.ts';
import { formatOciFailure, Refusal, writeFailure } from './failures.ts';

/** Refused since too much is asked at once: no failure of ours, and not worth a line in the log each time. */
export class Overloaded extends Refusal {
  constructor(why: string, seconds: number) {
    super('UNAVAILABLE', { 'retry-after': String(seconds) }, why);
  }
}

/** One for each time to come back: where there is much to refuse, refusing costs little. They do not come back together. */
const refusals = (why: string): readonly Overloaded[] => [1, 2, 3, 4].map((seconds) => new Overloaded(why, seconds));
const TOO_MANY_REQUESTS = refusals('too many requests at once');
const TOO_MANY_CONNECTIONS = refusals('too many connections at once');
const TOO_LONG = refusals('too many requests waited for too long');

export interface WorkLimitOptions {
  /** The most requests at work at once; 0: any number. */
  readonly maxAtWork: number;
  /** The most that wait for their turn. */
  readonly maxWaiting: number;
  /** The longest that one waits. */
  readonly waitMs: number;
  /** Paths that are always answered at once: how the server is can be asked also when it is busy. */
  readonly exempt: ReadonlySet<string>;
  /** Milliseconds, monotonic. */
  readonly ticks: () => number;
  /** Told of each request that was refused. */
  readonly onRefused: () => void;
}

/**
 * Bounds what a process works on at once. A request is at work until its answer begins, and not while its body is waited
 * for: so clients that read or write slowly take no place from others. Beyond the bound requests wait for their turn, in
 * order and as long as their patience is; beyond those they are refused with 503 and `Retry-After`.
 */
export class WorkLimit implements Work {
  readonly #options: WorkLimitOptions;
  readonly #waiting = new Map<Exchange, (exchange: Exchange) => void>();
  #atWork = 0;
  #willLetIn = false;
  #refused = 0;
  /** Whether somebody looks who has waited for too long. */
  #isWatched = false;

  constructor(options: WorkLimitOptions) {
    this.#options = options;
  }

  get atWork(): number {
    return this.#atWork;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Has an exchange answered: now, in its turn, or with a refusal. */
  admit(exchange: Exchange, answer: (exchange: Exchange) => void): void {
    const { maxAtWork, maxWaiting, exempt } = this.#options;
    if (exempt.has(exchange.path)) answer(exchange);
    else if (exchange.isSurplus) this.#refuse(exchange, TOO_MANY_CONNECTIONS);
    else if (maxAtWork === 0) answer(exchange);
    else if (this.#atWork < maxAtWork && this.#waiting.size === 0) this.#begin(exchange, answer);
    else if (this.#waiting.size < maxWaiting) this.#wait(exchange, answer);
    else this.#refuse(exchange, TOO_MANY_REQUESTS);
  }

  enter(): void {
    this.#atWork += 1;
  }

  leave(): void {
    this.#atWork -= 1;
    if (this.#waiting.size === 0 || this.#willLetIn) return;
    this.#willLetIn = true;
    setImmediate(() => this.#letIn()); // so that what else has come is looked at in between
  }

  #refuse(exchange: Exchange, why: readonly Overloaded[]): void {
    this.#options.onRefused();
    this.#refused += 1;
    writeFailure(exchange, why[this.#refused % why.length], formatOciFailure);
    drainAfterAnswer(exchange);
  }

  #begin(exchange: Exchange, answer: (exchange: Exchange) => void): void {
    this.#atWork += 1;
    exchange.countAs(this);
    answer(exchange);
  }

  #wait(exchange: Exchange, answer: (exchange: Exchange) => void): void {
    this.#waiting.set(exchange, answer);
    exchange.res.once('close', () => this.#waiting.delete(exchange)); // who leaves does not keep a place
    if (!this.#isWatched) this.#watch(this.#options.waitMs);
  }

  #letIn(): void {
    this.#willLetIn = false;
    const { maxAtWork } = this.#options;
    let room = maxAtWork - this.#atWork;
    for (const [exchange, answer] of this.#waiting) {
      if (room <= 0) break;
      room -= 1;
      this.#waiting.delete(exchange);
      this.#begin(exchange, answer);
    }
  }

  #watch(forMs: number): void {
    this.#isWatched = true;
    setTimeout(() => this.#loseImpatient(), forMs).unref();
  }

  #loseImpatient(): void {
    const { waitMs, ticks } = this.#options;
    this.#isWatched = false;
    for (const exchange of this.#waiting.keys()) {
      const leftMs = exchange.startedTicks + waitMs - ticks();
      if (leftMs > 0) return this.#watch(leftMs);
      this.#waiting.delete(exchange);
      this.#refuse(exchange, TOO_LONG);
    }
  }
}
