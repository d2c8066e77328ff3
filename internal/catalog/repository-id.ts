import type { Kysely } from 'kysely';
import type { RepositoryName } from '../../pkg/oci/index.ts';
import type { Schema } from './schema.ts';
import { statement } from './statement.ts';
import { row, type Work } from './step.ts';

/**
 * The repository's id as a value within a statement. Where a page is read in order, it is compared with this: of a join
 * PostgreSQL does not know that it is with one row, and sorts all there is.
 */
export const idOf = (q: Kysely<Schema>, name: RepositoryName) =>
  q.selectFrom('repositories').select('repositories.id').where('repositories.name', '=', name);

const repositoryByName = statement<{ name: RepositoryName }>()((q, p) => idOf(q, p.name));

/** The repository's id; undefined where nothing was ever put into it. */
export function* findRepository(name: RepositoryName): Work<number | undefined> {
  return (yield* row(repositoryByName, { name }))?.id;
}
