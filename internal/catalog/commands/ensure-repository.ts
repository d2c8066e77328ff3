import type { RepositoryName } from '../../../pkg/oci/index.ts';
import { findRepository } from '../repository-id.ts';
import { statement } from '../statement.ts';
import { row, type Work } from '../step.ts';

const insertRepository = statement<{ name: RepositoryName }>()((q, p) =>
  q
    .insertInto('repositories')
    .values({ name: p.name })
    .onConflict((oc) => oc.column('name').doNothing())
    .returning('id'),
);

/** The repository's id; it is made where it never was. */
export function* ensureRepository(name: RepositoryName): Work<number> {
  const known = yield* findRepository(name);
  if (known !== undefined) return known;
  const made = yield* row(insertRepository, { name });
  // Nothing was inserted: a transaction beside this one did it since the first look.
  const id = made?.id ?? (yield* findRepository(name));
  if (id === undefined) throw new Error('a repository is neither there nor can it be made');
  return id;
}
