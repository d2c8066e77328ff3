import type { Digest } from '../../../pkg/oci/index.ts';
import { statement } from '../statement.ts';
import { row, rows, type Work } from '../step.ts';
import type { PageOf } from '../types.ts';
import { rowsOf } from './page.ts';

const contentAfter = statement<{ after: string; sinceMs: number; limit: number }>()((q, p) =>
  q
    .selectFrom('blobs')
    .select(['digest', 'size_bytes as sizeBytes'])
    .where('digest', '>', p.after as Digest)
    .where('created_ms', '>=', p.sinceMs)
    .where('deleting_ms', 'is', null)
    .orderBy('digest')
    .limit(p.limit),
);

const contentOf = statement<{ digest: Digest }>()((q, p) =>
  q.selectFrom('blobs').select('size_bytes as sizeBytes').where('digest', '=', p.digest),
);

export function* listBlobs(
  page: PageOf<string> & { readonly sinceMs?: number | undefined },
): Work<readonly { readonly digest: Digest; readonly sizeBytes: number }[]> {
  return yield* rows(contentAfter, { after: page.after ?? '', sinceMs: page.sinceMs ?? 0, limit: rowsOf(page) });
}

export function* findContent(digest: Digest): Work<{ readonly sizeBytes: number } | undefined> {
  return yield* row(contentOf, { digest });
}
