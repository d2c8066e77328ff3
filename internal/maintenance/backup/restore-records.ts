import type { Catalog, DumpRow, DumpRowOf } from '../../catalog/index.ts';
import { recordOf, RECORDS_CURSOR } from '../../registry/index.ts';
import type { ManifestStore } from '../../storage/index.ts';
import { forEach } from '../for-each.ts';

/** Each waits for a disk or a bucket, far longer than it keeps it busy. */
const AT_ONCE = 32;

/**
 * Writes the record in storage of each manifest and tag of the rows, as the catalog has them. The server writes those of
 * changes only, and takes all that came before for written.
 */
export async function restoreRecords(
  catalog: Pick<Catalog, 'queries'>,
  manifests: Pick<ManifestStore, 'put'>,
  rows: AsyncIterable<DumpRow>,
): Promise<void> {
  const { queries } = catalog;
  const sequence = await queries.findCursor(RECORDS_CURSOR);

  /** When a tag came to point where it does; a log that began later than that does not know. */
  async function timeOf({ repository, name, digest }: DumpRowOf<'tag'>): Promise<number> {
    const [move] = await queries.listTagMoves(repository, name, { limit: 1 });
    return move?.timeMs ?? (await queries.findManifest(repository, digest))?.pushedMs ?? 0;
  }
  await forEach(rows, AT_ONCE, async (row) => {
    if (row.kind !== 'manifest' && row.kind !== 'tag') return;
    const [name, timeMs] = row.kind === 'tag' ? [row.name, await timeOf(row)] : [row.digest, row.pushedMs];
    const record = await recordOf(catalog, row.repository, name, { sequence, timeMs });
    if (record) await manifests.put(record);
  });
}
