import type { Digest, RepositoryName } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { row, rows, type Work } from '../step.ts';
import type { BlobRow, PageOf } from '../types.ts';
import { rowsOf } from './page.ts';

const blobOf = statement<{ repository: RepositoryName; digest: Digest }>()((q, p) =>
  q
    .selectFrom('repositories')
    .innerJoin('repository_blobs', 'repository_blobs.repository_id', 'repositories.id')
    .innerJoin('blobs', 'blobs.digest', 'repository_blobs.digest')
    .leftJoin('quarantine', 'quarantine.digest', 'blobs.digest')
    .select(['blobs.size_bytes as sizeBytes', 'quarantine.problem as damage'])
    .where('repositories.name', '=', p.repository)
    .where('repository_blobs.digest', '=', p.digest),
);

// By id and not by name: a popular layer has very many holders, and ordering them by name would read them all.
const holdersOf = statement<{ digest: Digest; after: string; limit: number }>()((q, p) =>
  q
    .selectFrom('repository_blobs')
    .innerJoin('repositories', 'repositories.id', 'repository_blobs.repository_id')
    .select('repositories.name as name')
    .where('repository_blobs.digest', '=', p.digest)
    .where('repository_blobs.repository_id', '>', (eb) =>
      eb.fn.coalesce(
        eb
          .selectFrom('repositories as last')
          .select('last.id')
          .where('last.name', '=', p.after as RepositoryName),
        eb.lit(0),
      ),
    )
    .orderBy('repository_blobs.repository_id')
    .limit(p.limit),
);

export function* findBlob(repository: RepositoryName, digest: Digest): Work<BlobRow | undefined> {
  const found = yield* row(blobOf, { repository, digest });
  return found && { sizeBytes: found.sizeBytes, ...(found.damage && { damage: found.damage }) };
}

export function* listHolders(digest: Digest, page: PageOf<string>): Work<readonly RepositoryName[]> {
  const found = yield* rows(holdersOf, { digest, after: page.after ?? '', limit: rowsOf(page) });
  return found.map(({ name }) => name);
}
