import type { RepositoryName } from '../../../pkg/oci/index.ts';
import { findRepository } from '../repository-id.ts';
import { statement } from '../statement.ts';
import { rows, type Work } from '../step.ts';
import type { PageOf } from '../types.ts';
import { placeOf, rowsOf } from './page.ts';

const repositoriesWithManifests = statement<{ after: string; before: string; limit: number }>()((q, p) =>
  q
    .selectFrom('repositories')
    .select('name')
    .where('listed', '=', (eb) => eb.lit(1))
    .where('name', '>', p.after as RepositoryName)
    .where('name', '<', p.before as RepositoryName)
    .orderBy('name')
    .limit(p.limit),
);

export function* hasRepository(repository: RepositoryName): Work<boolean> {
  return (yield* findRepository(repository)) !== undefined;
}

// After all that a name may hold.
const LAST = '~';

/** What comes right before the first name that begins so. */
function placeBefore(prefix: string): string {
  const last = prefix.charCodeAt(prefix.length - 1);
  return prefix === '' ? '' : `${prefix.slice(0, -1)}${String.fromCharCode(last - 1)}${LAST}`;
}

export function* listRepositories(
  page: PageOf<string> & { readonly prefix?: string },
): Work<readonly RepositoryName[]> {
  const { prefix = '' } = page;
  const [after, first] = [placeOf(page), placeBefore(prefix)];
  const found = yield* rows(repositoriesWithManifests, {
    after: after > first ? after : first,
    before: `${prefix}${LAST}`,
    limit: rowsOf(page),
  });
  return found.map(({ name }) => name);
}
