import type { Tag } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { run, type Work } from '../step.ts';
import type { TagGuards } from '../types.ts';

// At least the time, so that a catalog that was made anew goes on after all that the one before it told.
const raiseGeneration = statement<{ key: string; nowMs: number }>()((q, p) =>
  q
    .insertInto('generations')
    .values({ key: p.key, generation: p.nowMs, changed_ms: p.nowMs })
    .onConflict((oc) =>
      oc.column('key').doUpdateSet((eb) => ({
        generation: eb
          .case()
          .when('generations.generation', '<', eb.ref('excluded.generation'))
          .then(eb.ref('excluded.generation'))
          .else(eb('generations.generation', '+', eb.lit(1)))
          .end(),
        changed_ms: eb.ref('excluded.changed_ms'),
      })),
    ),
);

/**
 * Raises a generation, in the transaction of the change: whoever sees the one sees the other. To be done last, since all
 * changes of a namespace wait for this row.
 */
export function* raise(key: string, nowMs: number): Work<void> {
  yield* run(raiseGeneration, { key, nowMs });
}

/** Raises what the change of tags raises, if one of those that changed counts there. */
export function* raiseFor(
  guards: Pick<TagGuards, 'raises'> | undefined,
  changed: readonly Tag[],
  nowMs: number,
): Work<void> {
  const raises = guards?.raises;
  if (raises && changed.some((tag) => !raises.without.includes(tag))) yield* raise(raises.key, nowMs);
}
