import type { Digest } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { rows, type Work } from '../step.ts';
import type { BlobShare, PageOf, RepositoryBytes } from '../types.ts';
import { placeOf, rowsOf } from './page.ts';

const sharesAfter = statement<{ after: string; limit: number }>()((q, p) =>
  q
    .selectFrom('blobs')
    .select(['blobs.digest', 'blobs.size_bytes as sizeBytes'])
    .select((eb) => [
      eb
        .selectFrom('manifest_blobs')
        .select('manifest_blobs.repository_id')
        .whereRef('manifest_blobs.digest', '=', 'blobs.digest')
        .orderBy('manifest_blobs.repository_id')
        .limit((each) => each.lit(1))
        .as('first'),
      eb
        .selectFrom('manifest_blobs')
        .select('manifest_blobs.repository_id')
        .whereRef('manifest_blobs.digest', '=', 'blobs.digest')
        .orderBy('manifest_blobs.repository_id', 'desc')
        .limit((each) => each.lit(1))
        .as('last'),
      eb
        .selectFrom('gc_candidates')
        .select('gc_candidates.repository_id')
        .whereRef('gc_candidates.digest', '=', 'blobs.digest')
        .as('waitingFor'),
    ])
    .where('blobs.digest', '>', p.after as Digest)
    .orderBy('blobs.digest')
    .limit(p.limit),
);

const usageAfter = statement<{ after: number; limit: number }>()((q, p) =>
  q
    .selectFrom('repositories')
    .select(['repositories.id', 'repositories.name as repository'])
    .select((eb) =>
      eb
        .selectFrom('repository_usage')
        .select('repository_usage.bytes')
        .whereRef('repository_usage.repository_id', '=', 'repositories.id')
        .as('bytes'),
    )
    .where('repositories.id', '>', p.after)
    .orderBy('repositories.id')
    .limit(p.limit),
);

const uploads = statement<{}>()((q) =>
  q
    .selectFrom('uploads')
    .select((eb) => ['repository', eb.fn.sum<number>('offset_bytes').as('bytes')])
    .groupBy('repository')
    .orderBy('repository'),
);

export function* listBlobShares(page: PageOf<string>): Work<readonly BlobShare[]> {
  const found = yield* rows(sharesAfter, { after: placeOf(page), limit: rowsOf(page) });
  return found.map(({ digest, sizeBytes, first, last, waitingFor }) => {
    if (first !== null) return { digest, sizeBytes, kind: first === last ? 'live' : 'shared', repositoryId: first };
    return { digest, sizeBytes, kind: 'waiting', repositoryId: waitingFor ?? undefined };
  });
}

export function* listRepositoryBytes(page: PageOf<number>): Work<readonly RepositoryBytes[]> {
  const found = yield* rows(usageAfter, { after: page.after ?? 0, limit: rowsOf(page) });
  return found.map(({ id, repository, bytes }) => ({ id, repository, bytes: bytes ?? 0 }));
}

export function* listUploadBytes(): Work<readonly Pick<RepositoryBytes, 'repository' | 'bytes'>[]> {
  return yield* rows(uploads, {});
}
