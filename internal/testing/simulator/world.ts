import { AsyncLocalStorage } from 'node:async_hooks';
import type { Random } from './random.ts';

/** One process among those that share the stores. What it awaits ends never once it has crashed. */
export interface Process {
  readonly name: string;
  isDead: boolean;
}

/** What somebody is about to do, put in words only where somebody asks. */
export type Label = string | (() => string);

interface Waiting {
  readonly process: Process;
  readonly label: Label;
  readonly isReady: (() => boolean) | undefined;
  /** When it goes on at the latest, on the world's clock; undefined where it does not wait for that. */
  readonly dueMs: number | undefined;
  /** The step before which it does not go on, as long as others do: as if its machine stood still. */
  readonly notBefore: number;
  /** Which of the things that are being done it is part of. */
  readonly deed: symbol | undefined;
  readonly resolve: () => void;
}

/** Which deed it is that goes on; one for all worlds, since each costs whoever waits. */
const DEEDS = new AsyncLocalStorage<symbol>();
const START_MS = Date.UTC(2026, 0, 1);

/**
 * All that happens, one step at a time: whatever reaches beyond its own memory waits for its turn, and who is next is
 * chosen from a seed. So a seed is a history, and the same one each time.
 */
export class World {
  readonly random: Random;
  readonly #trace: (string | Pick<Waiting, 'process' | 'deed' | 'label'>)[] = [];
  steps = 0;
  nowMs = START_MS;
  /** Removals under way, and when they began: time does not pass them by (TAKEOVER_MS says why it need not). */
  readonly removals = new Map<symbol, { readonly process: Process; readonly begunMs: number }>();
  /** How often who went on last goes on again: so that much is done between two steps of others. */
  readonly #persistence: number;
  #waiting: Waiting[] = [];
  #last: symbol | undefined;
  /** Whether something was begun since the last step. */
  #hasBegun = false;

  /** How often somebody stands still for a while, of all steps: so that much can happen between two of its own. */
  readonly #stalls: number;

  constructor(random: Random, stalls = 0) {
    this.random = random;
    this.#stalls = stalls;
    this.#persistence = random.pick([0, 0.5, 0.9]);
  }

  /** Begins something of which all turns are one's own. */
  begin<Result>(name: string, act: () => Promise<Result>): Promise<Result> {
    this.#hasBegun = true;
    return DEEDS.run(Symbol(name), act);
  }

  /** Resolves when it is the caller's turn, at the earliest when `isReady` says so. */
  turn(process: Process, label: Label, isReady?: () => boolean): Promise<void> {
    return this.#wait(process, label, isReady, undefined);
  }

  /** Resolves when so much time has passed. */
  pause(process: Process, ms: number): Promise<void> {
    return this.#wait(process, 'pause', undefined, this.nowMs + ms);
  }

  crash(process: Process): void {
    this.#note(`${process.name} crashes`);
    process.isDead = true;
    this.#waiting = this.#waiting.filter((each) => each.process !== process);
    for (const [removal, by] of this.removals) if (by.process === process) this.removals.delete(removal);
  }

  /** Lets time pass, by no more than `mostMs` while a removal is under way. */
  advance(ms: number, mostMs: number): void {
    let untilMs = this.nowMs + ms;
    for (const { begunMs } of this.removals.values()) untilMs = Math.min(untilMs, begunMs + mostMs);
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  /** The last steps in words, for who looks at a failure. */
  trace(): readonly string[] {
    return this.#trace.map((step) => {
      if (typeof step === 'string') return step;
      const { process, deed, label } = step;
      return `${process.name} ${deed?.description}: ${typeof label === 'string' ? label : label()}`;
    });
  }

  #note(step: string | Waiting): void {
    this.#trace.push(step);
    if (this.#trace.length > MOST_TRACED) this.#trace.shift();
  }

  /** Lets one who waits go on, or time pass until one can. False where nobody ever can. */
  async step(): Promise<boolean> {
    if (this.#hasBegun) await settled(); // they come to where they have to wait
    this.#hasBegun = false;
    let ready = this.#listReady();
    if (ready.length === 0) {
      await settled(); // who gives others their turn, as the collector does between two batches, comes back later
      ready = this.#listReady();
    }
    if (ready.length === 0) return this.#passTime();
    const next = this.#choose(ready);
    this.#last = next.deed;
    this.#waiting.splice(this.#waiting.indexOf(next), 1);
    this.steps += 1;
    this.#note(next);
    next.resolve();
    await settled();
    return true;
  }

  #listReady(): readonly Waiting[] {
    return this.#waiting.filter(
      ({ isReady, dueMs }) => (dueMs === undefined || dueMs <= this.nowMs) && (isReady?.() ?? true),
    );
  }

  #choose(ready: readonly Waiting[]): Waiting {
    const same = ready.find(({ deed }) => deed !== undefined && deed === this.#last);
    if (same && this.random.next() < this.#persistence) return same;
    const awake = ready.filter(({ notBefore }) => notBefore <= this.steps);
    return this.random.pick(awake.length > 0 ? awake : ready);
  }

  /** When all that can be done is to wait, the clock moves on to what is due first. */
  #passTime(): boolean {
    const due = this.#waiting.flatMap(({ dueMs }) => (dueMs === undefined ? [] : [dueMs]));
    if (due.length === 0) return false;
    this.nowMs = Math.max(this.nowMs, Math.min(...due));
    return true;
  }

  #wait(
    process: Process,
    label: Label,
    isReady: (() => boolean) | undefined,
    dueMs: number | undefined,
  ): Promise<void> {
    const stall = this.random.next() < this.#stalls ? this.random.below(LONGEST_STALL) : 0;
    const notBefore = this.steps + stall;
    const deed = DEEDS.getStore();
    return new Promise((resolve) => {
      if (!process.isDead) this.#waiting.push({ process, label, isReady, dueMs, notBefore, deed, resolve });
    });
  }
}

const MOST_TRACED = 400;
/** In steps of others. */
const LONGEST_STALL = 100;

/** Resolves when all that can happen without waiting for another turn has happened. */
const settled = (): Promise<void> => new Promise(setImmediate);
