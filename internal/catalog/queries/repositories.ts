import type { RepositoryName } from '../../../pkg/oci/index.ts';
import { findRepository } from '../repository-id.ts';
import { statement } from '../statement.ts';
import { rows, type Work } from '../step.ts';
import type { PageOf } from '../types.ts';
import { placeOf, rowsOf } from './page.ts';

const repositoriesWithManifests = statement<{ after: string; limit: number }>()((q, p) =>
  q
    .selectFrom('repositories')
    .select('name')
    .where('listed', '=', (eb) => eb.lit(1))
    .where('name', '>', p.after as RepositoryName)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('manifests')
          .select('manifests.digest')
          .whereRef('manifests.repository_id', '=', 'repositories.id'),
      ),
    )
    .orderBy('name')
    .limit(p.limit),
);

export function* hasRepository(repository: RepositoryName): Work<boolean> {
  return (yield* findRepository(repository)) !== undefined;
}

export function* listRepositories(page: PageOf<string>): Work<readonly RepositoryName[]> {
  const found = yield* rows(repositoriesWithManifests, { after: placeOf(page), limit: rowsOf(page) });
  return found.map(({ name }) => name);
}
