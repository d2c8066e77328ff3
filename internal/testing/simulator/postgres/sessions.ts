import { createCommands } from '../../../catalog/postgres/commands.ts';
import type { Sessions } from '../../../catalog/postgres/pool.ts';
import { createQueries } from '../../../catalog/postgres/queries.ts';
import type { Session } from '../../../catalog/postgres/session.ts';
import { POSTGRES } from '../../../catalog/postgres/dialect.ts';
import { compile } from '../../../catalog/statement.ts';
import type { Step } from '../../../catalog/step.ts';
import type { Catalog } from '../../../catalog/types.ts';
import type { Process, World } from '../world.ts';
import { serverError, type Engine, type Running } from './engine.ts';
import type { Transaction, Values } from './rows.ts';

/** A statement in place of another, or the rows in place of its own. */
export type MutateStep = (step: Step) => Step | readonly Values[];

/** The database as all processes share it. */
export class Database {
  readonly engine: Engine;
  readonly #world: World;
  /** Who waits for whom. */
  readonly #waits = new Map<Transaction, readonly Transaction[]>();
  readonly #open = new Map<Process, Set<Transaction>>();

  constructor(engine: Engine, world: World) {
    this.engine = engine;
    this.#world = world;
  }

  /** The catalog of a process: the same commands and queries, as they are run on PostgreSQL. */
  openCatalog(process: Process, mutate: MutateStep = (same) => same): Pick<Catalog, 'queries' | 'run'> {
    const sessions: Pick<Sessions, 'use'> = { use: (action) => action(this.openSession(process, mutate)) };
    const { random } = this.#world;
    const patience = { pause: (ms: number) => this.#world.pause(process, ms), random: () => random.next() };
    return { queries: createQueries(sessions, patience), run: createCommands(sessions, patience) };
  }

  /** What a process was doing in the database when it crashed comes to nothing. */
  drop(process: Process): void {
    for (const transaction of this.#open.get(process) ?? []) {
      this.engine.rollBack(transaction);
      this.#waits.delete(transaction);
    }
    this.#open.delete(process);
  }

  /** A connection of a process. */
  openSession(process: Process, mutate: MutateStep = (same) => same): Session {
    let current: Transaction | undefined;
    let last: Promise<unknown> = Promise.resolve();

    const inTurn = <Result>(act: () => Promise<Result>): Promise<Result> => {
      const done = last.then(act);
      last = done.catch(() => undefined);
      return done;
    };
    const begin = (): Transaction => {
      const transaction = this.engine.begin();
      const open = this.#open.get(process) ?? new Set();
      this.#open.set(process, open.add(transaction));
      return transaction;
    };
    const end = (transaction: Transaction, how: 'commit' | 'rollBack'): void => {
      this.engine[how](transaction);
      this.#open.get(process)?.delete(transaction);
    };
    const execute = async (step: Step): Promise<unknown> => {
      await this.#world.turn(process, () => labelOf(step));
      const own = current ? undefined : begin();
      const transaction = current ?? own;
      if (!transaction) throw new Error('a statement without a transaction');
      try {
        const other = mutate(step);
        const rows = isStep(other) ? await this.#finish(process, this.#start(other, transaction), transaction) : other;
        if (own) end(own, 'commit');
        if (step.want === 'rows') return rows;
        return step.want === 'row' ? rows[0] : undefined;
      } catch (error) {
        if (own) end(own, 'rollBack');
        throw error;
      }
    };
    const ask = async (sql: string): Promise<readonly Values[]> => {
      if (sql.startsWith('begin')) {
        current = begin();
        return [];
      }
      if (!current) throw new Error(`${sql} without a transaction`);
      await this.#world.turn(process, sql);
      end(current, sql === 'commit' ? 'commit' : 'rollBack');
      current = undefined;
      return [];
    };
    return { execute: (step) => inTurn(() => execute(step)), ask: (sql) => inTurn(() => ask(sql)) };
  }

  #start(step: Step, transaction: Transaction): Running {
    if (step.want === 'lock') return this.engine.lockName(String(step.params['name']), transaction);
    return this.engine.run(step.text, step.params, transaction);
  }

  async #finish(process: Process, running: Running, transaction: Transaction): Promise<readonly Values[]> {
    for (;;) {
      const next = running.next();
      if (next.done) return next.value;
      this.#waits.set(transaction, next.value);
      if (this.#isDeadlock(transaction)) {
        this.#waits.delete(transaction);
        throw serverError('40P01', 'deadlock detected');
      }
      const blockers = next.value;
      await this.#world.turn(process, 'got a lock', () => blockers.every(({ isOver }) => isOver));
      this.#waits.delete(transaction);
    }
  }

  /** Whether who it waits for waits for it, by whatever way round. */
  #isDeadlock(start: Transaction): boolean {
    const met = new Set<Transaction>();
    const waiting = [...(this.#waits.get(start) ?? [])];
    for (let next; (next = waiting.pop());) {
      if (next === start) return true;
      if (met.has(next)) continue;
      met.add(next);
      waiting.push(...(this.#waits.get(next) ?? []));
    }
    return false;
  }
}

function labelOf(step: Step): string {
  if (step.want === 'lock') return `lock ${String(step.params['name'])}`;
  const params = Object.entries(step.params).map(([name, value]) => `${name} ${String(value).slice(0, 12)}`);
  return `${compile(step.text, POSTGRES).sql.replaceAll('"', '')} | ${params.join(', ')}`;
}

function isStep(other: Step | readonly Values[]): other is Step {
  return !Array.isArray(other);
}
