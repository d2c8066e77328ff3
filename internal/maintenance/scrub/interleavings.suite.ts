import { AsyncLocalStorage } from 'node:async_hooks';
import type { Catalog } from '../../catalog/index.ts';
import type { Driver } from '../../storage/driver.ts';

// A suite by its name only because nothing but tests may import it.

/** One of several that do something at once: each call of a store is a step, which it does when it is its turn. */
interface Actor {
  readonly name: string;
  /** Lets it do its next step. */
  go: (() => void) | undefined;
  /** Resolves when it wants to do a step, or has ended. */
  settled: PromiseWithResolvers<void>;
  hasEnded: boolean;
}

/** Puts the steps of several actors in an order that the test says. */
export class Stage {
  readonly #here = new AsyncLocalStorage<Actor>();

  /** Waits for the actor's turn; nothing outside of one waits. */
  async #step(): Promise<void> {
    const actor = this.#here.getStore();
    if (!actor) return;
    const turn = Promise.withResolvers<void>();
    actor.go = turn.resolve;
    actor.settled.resolve();
    await turn.promise;
  }

  /** Every method of these, each call a step. */
  #gated<Methods extends object>(methods: Methods): Methods {
    const step = (): Promise<void> => this.#step();
    return new Proxy(methods, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as unknown;
        if (typeof method !== 'function' || name === 'list') return method;
        return async (...args: unknown[]) => {
          await step();
          return Reflect.apply(method, target, args) as unknown;
        };
      },
    });
  }

  readonly wrapDriver = (driver: Driver): Driver => ({
    ...driver,
    objects: this.#gated(driver.objects),
    staging: this.#gated(driver.staging),
    check: async () => {
      await this.#step();
      await driver.check();
    },
  });

  readonly wrapCatalog = (catalog: Catalog): Catalog => ({
    ...catalog,
    queries: this.#gated(catalog.queries),
    run: async (name, args) => {
      await this.#step();
      return catalog.run(name, args);
    },
  });

  /**
   * Runs them all at once; `choose` says which of those that are left does its next step. What any of them throws is
   * thrown when all have ended.
   */
  async play(
    acts: Readonly<Record<string, () => Promise<unknown>>>,
    choose: (names: readonly string[]) => number,
  ): Promise<void> {
    const actors: Actor[] = [];
    const ends: Promise<unknown>[] = [];
    for (const [name, act] of Object.entries(acts)) {
      const actor: Actor = { name, go: undefined, settled: Promise.withResolvers(), hasEnded: false };
      actors.push(actor);
      const end = (): void => {
        actor.hasEnded = true;
        actor.settled.resolve();
      };
      ends.push(this.#here.run(actor, act).finally(end));
    }
    const all = Promise.allSettled(ends);
    for (;;) {
      await Promise.all(actors.map(({ settled }) => settled.promise));
      const waiting = actors.filter(({ hasEnded }) => !hasEnded);
      const next = waiting[choose(waiting.map(({ name }) => name))];
      if (!next) break;
      next.settled = Promise.withResolvers();
      next.go?.();
    }
    for (const end of await all) if (end.status === 'rejected') throw end.reason;
  }
}

/**
 * Runs `play` once for each order there is, told by what `choose` answers: all orders that differ in some step. How many
 * that were.
 */
export async function everyOrder(
  play: (choose: (names: readonly string[]) => number) => Promise<void>,
): Promise<number> {
  let orders = 0;
  for (let plan: number[] | undefined = []; plan; orders += 1) {
    const taken: { choice: number; of: number }[] = [];
    const given: readonly number[] = plan;
    await play((names) => {
      const choice = given[taken.length] ?? 0;
      if (names.length > 0) taken.push({ choice, of: names.length });
      return choice;
    });
    const last = taken.findLastIndex(({ choice, of }) => choice + 1 < of);
    plan = last < 0 ? undefined : [...taken.slice(0, last).map(({ choice }) => choice), taken[last]!.choice + 1];
  }
  return orders;
}
