import type { Params, Statement, Text } from './statement.ts';

/** One statement that a command or query wants run, and how much of the answer it needs. */
export interface Step {
  readonly text: Text;
  readonly params: Params;
  readonly want: 'row' | 'rows' | 'nothing';
}

/**
 * A decision in steps. It yields statements and is handed their rows, so the same text is driven in one go by SQLite
 * and over a connection by engines that make it wait; between two steps it holds nothing but its own variables.
 */
export type Work<Result> = Generator<Step, Result, unknown>;

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

/** Drives work to its end without a pause. */
export function drive<Result>(work: Work<Result>, execute: (step: Step) => unknown): Result {
  let turn = work.next();
  while (!turn.done) turn = work.next(execute(turn.value));
  return turn.value;
}
