import { statement } from '../statement.ts';
import { run, type Work } from '../step.ts';

const list = statement<{ repository: number }>()((q, p) =>
  q
    .updateTable('repositories')
    .set((eb) => ({ listed: eb.lit(1) }))
    .where('id', '=', p.repository)
    .where('listed', '=', (eb) => eb.lit(0)),
);

const unlist = statement<{ repository: number }>()((q, p) =>
  q
    .updateTable('repositories')
    .set((eb) => ({ listed: eb.lit(0) }))
    .where('id', '=', p.repository)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb.selectFrom('manifests').select('manifests.digest').where('manifests.repository_id', '=', p.repository),
        ),
      ),
    ),
);

// A repository is listed while it has a manifest. Both are asked when its usage is held (usage.ts): of a push and the
// deletion of the last manifest beside it, the later one sees what the earlier one left.

/** The repository has a manifest. */
export function* listRepository(repository: number): Work<void> {
  yield* run(list, { repository });
}

/** A manifest of the repository went: it may have been the last. */
export function* unlistEmpty(repository: number): Work<void> {
  yield* run(unlist, { repository });
}
