import type { RepositoryName } from '../../pkg/oci/index.ts';
import { statement } from './statement.ts';
import { row, type Work } from './step.ts';

const repositoryByName = statement<{ name: RepositoryName }>()((q, p) =>
  q.selectFrom('repositories').select('id').where('name', '=', p.name),
);

/** The repository's id; undefined where nothing was ever put into it. */
export function* findRepository(name: RepositoryName): Work<number | undefined> {
  return (yield* row(repositoryByName, { name }))?.id;
}
