import { AUTH_COUNTER } from '../auth-counter.ts';
import { statement } from '../statement.ts';
import { run, type Work } from '../step.ts';

const countUp = statement<{ name: string }>()((q, p) =>
  q
    .insertInto('counters')
    .values((eb) => ({ name: p.name, value: eb.lit(1) }))
    .onConflict((oc) => oc.column('name').doUpdateSet((eb) => ({ value: eb('counters.value', '+', eb.lit(1)) }))),
);

/** Tells the caches of every process that what they hold is old. In the transaction of what changed, as its last step. */
export function* raiseAuthVersion(): Work<void> {
  yield* run(countUp, { name: AUTH_COUNTER });
}
