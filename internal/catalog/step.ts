import { statement, type Params, type Statement, type Text } from './statement.ts';

/** One statement that a command or query wants run, and how much of the answer it needs. */
export interface Step {
  readonly text: Text;
  readonly params: Params;
  /** `lock`: see `lock` below. */
  readonly want: 'row' | 'rows' | 'nothing' | 'lock';
}

/**
 * A decision in steps. It yields statements and is handed their rows, so the same text is driven in one go by SQLite
 * and over a connection by engines that make it wait; between two steps it holds nothing but its own variables. A list
 * of steps is run in its order, but may be sent as one: it is handed the list of their answers.
 */
export type Work<Result> = Generator<Step | readonly Step[], Result, unknown>;

/** Thrown by work that finds out late that nothing is to come of it: all that it did is taken back, and this is its result. */
export class TakenBack extends Error {
  readonly result: unknown;

  constructor(result: unknown) {
    super('taken back');
    this.name = 'TakenBack';
    this.result = result;
  }
}

/** The first row, or undefined. */
export function* row<Asked extends Params, Row>(text: Statement<Asked, Row>, params: Asked): Work<Row | undefined> {
  return (yield { text, params, want: 'row' }) as Row | undefined;
}

export function* rows<Asked extends Params, Row>(text: Statement<Asked, Row>, params: Asked): Work<readonly Row[]> {
  return (yield { text, params, want: 'rows' }) as readonly Row[];
}

/** Runs a statement for what it changes. */
export function* run<Asked extends Params>(text: Statement<Asked, unknown>, params: Asked): Work<void> {
  yield { text, params, want: 'nothing' };
}

/** A list of any length costs memory for so many statements at a time. */
const MOST_AT_ONCE = 1000;

/** Runs a statement once for each of the parameters, in their order: the first row of each, or undefined. */
export function* each<Asked extends Params, Row>(
  text: Statement<Asked, Row>,
  list: readonly Asked[],
): Work<readonly (Row | undefined)[]> {
  return (yield* repeat(text, list, 'row')) as readonly (Row | undefined)[];
}

/** The same, with all rows of each. */
export function* eachAll<Asked extends Params, Row>(
  text: Statement<Asked, Row>,
  list: readonly Asked[],
): Work<readonly (readonly Row[])[]> {
  return (yield* repeat(text, list, 'rows')) as readonly (readonly Row[])[];
}

function* repeat(text: Text, list: readonly Params[], want: Step['want']): Work<readonly unknown[]> {
  const found: unknown[] = [];
  for (let from = 0; from < list.length; from += MOST_AT_ONCE) {
    const steps = list.slice(from, from + MOST_AT_ONCE).map((params): Step => ({ text, params, want }));
    found.push(...((yield steps) as readonly unknown[]));
  }
  return found;
}

declare const answer: unique symbol;
/** A step whose answer is the first row. */
export interface Question<Row> extends Step {
  readonly [answer]?: Row;
}

export function ask<Asked extends Params, Row>(text: Statement<Asked, Row>, params: Asked): Question<Row> {
  return { text, params, want: 'row' };
}

/** Asks several things at once, answered in their order: the first row of each, or undefined. */
export function* together<Rows extends readonly unknown[]>(
  ...questions: { readonly [Index in keyof Rows]: Question<Rows[Index]> }
): Work<{ readonly [Index in keyof Rows]: Rows[Index] | undefined }> {
  return (yield questions) as { readonly [Index in keyof Rows]: Rows[Index] | undefined };
}

/** In PostgreSQL's words; the first number keeps our locks apart from those of other programs in the database. */
const advisoryLock = statement<{ name: string }>()((q, p) =>
  q.selectNoFrom((eb) => [
    eb.fn<unknown>('pg_advisory_xact_lock', [eb.lit(0x6f63746f), eb.fn('hashtext', [eb.val(p.name)])]).as('taken'),
  ]),
);

/**
 * Waits until no other transaction holds the lock of that name, and holds it to the end of this one: for decisions over
 * rows that are not there yet, which no lock on rows guards. Engines that run one command at a time take no notice.
 */
export function* lock(name: string): Work<void> {
  yield { text: advisoryLock, params: { name }, want: 'lock' };
}

/** Drives work to its end without a pause. */
export function drive<Result>(work: Work<Result>, execute: (step: Step) => unknown): Result {
  let turn = work.next();
  while (!turn.done)
    turn = work.next(isList(turn.value) ? turn.value.map((step) => execute(step)) : execute(turn.value));
  return turn.value;
}

/** Drives work to its end, waiting for each answer. The steps of a list are asked at once, in their order. */
export async function driveAsync<Result>(
  work: Work<Result>,
  execute: (step: Step) => Promise<unknown>,
): Promise<Result> {
  let turn = work.next();
  while (!turn.done) {
    turn = work.next(
      await (isList(turn.value) ? Promise.all(turn.value.map((step) => execute(step))) : execute(turn.value)),
    );
  }
  return turn.value;
}

function isList(asked: Step | readonly Step[]): asked is readonly Step[] {
  return Array.isArray(asked);
}
