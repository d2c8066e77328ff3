import { createHash } from 'node:crypto';
import type { CatalogSnapshot, DumpScope } from '../catalog/index.ts';
import { formatEnd, formatHeader, formatRow, kindsOf } from './dump-format.ts';
import type { OnProgress } from './problem.ts';

/** Text is handed on in pieces of about this length. */
const PIECE_LENGTH = 64 * 1024;

/** The snapshot as the text of a dump, piece by piece. Progress is measured in rows; `counted` hears of each kind when it is through. */
export async function* dumpCatalog(
  snapshot: CatalogSnapshot,
  scope: DumpScope,
  { done, counted }: Pick<OnProgress, 'done'> & { readonly counted?: (kind: string, count: number) => void },
): AsyncGenerator<string> {
  const hash = createHash('sha256');
  const counts: Record<string, number> = {};
  let piece = formatHeader(scope);
  for (const kind of kindsOf(scope)) {
    let count = 0;
    for await (const row of snapshot.read(kind, scope)) {
      piece += formatRow(row, scope);
      count += 1;
      if (piece.length < PIECE_LENGTH) continue;
      hash.update(piece);
      yield piece;
      piece = '';
    }
    counts[kind] = count;
    done(count);
    counted?.(kind, count);
  }
  yield piece + formatEnd(counts, hash.update(piece).digest('hex'));
}
