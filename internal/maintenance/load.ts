import { createHash } from 'node:crypto';
import type { Catalog, DumpRow } from '../catalog/index.ts';
import { DumpError, parseHeader, parseRow, type End } from './dump-format.ts';
import { readLines } from './lines.ts';
import type { OnProgress } from './problem.ts';
import { restoreCatalog, type Refused } from './restore.ts';

export interface LoadDeps {
  /** A catalog that holds nothing, or that an interrupted load of the same dump began to fill. */
  readonly catalog: Catalog;
  /** What `checkDump` said of it. */
  readonly end: End;
  /** The dump from its beginning. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Measured in rows. */
  readonly onProgress: OnProgress;
  /** The command that goes on where it is interrupted; `load` where it is not given. */
  readonly command?: 'load' | 'restore';
  /** What is done before there is a row, and when all rows are there: until the end of that the catalog is unfinished. */
  readonly before?: () => Promise<void>;
  readonly after?: () => Promise<void>;
}

/**
 * Fills a catalog from a dump that was checked. Throws a DumpError where it is not the same any more: then the catalog
 * says that it is unfinished, as after any failure on the way.
 */
export async function loadDump({
  catalog,
  end,
  bytes,
  clock,
  onProgress,
  command = 'load',
  before,
  after,
}: LoadDeps): Promise<Refused | { kind: 'loaded' }> {
  onProgress.total(Object.values(end.rows).reduce((sum, count) => sum + count, 0));
  const restored = await restoreCatalog(catalog, `${command} ${end.sha256}`, clock, async (rows) => {
    await before?.();
    const loaded = await readDump(bytes, async (row) => {
      await rows.add(row);
      onProgress.done(1);
    });
    if (loaded.sha256 !== end.sha256) throw new DumpError('damaged', 'it changed while it was loaded');
    if (!after) return;
    await rows.flush();
    await after();
  });
  return restored.kind === 'restored' ? { kind: 'loaded' } : restored;
}

/**
 * Reads a dump through, every row of it, and gives its end. Throws a DumpError where it is not whole, was changed or
 * comes from a later version: so that nothing is begun with it.
 */
export function checkDump(bytes: AsyncIterable<Uint8Array>): Promise<End> {
  return readDump(bytes, () => undefined);
}

async function readDump(
  bytes: AsyncIterable<Uint8Array>,
  take: (row: DumpRow) => Promise<void> | undefined,
): Promise<End> {
  const hash = createHash('sha256');
  const counts: Record<string, number> = {};
  let isHeader = true;
  let end: End | undefined;
  for await (const line of readLines(bytes)) {
    if (end) throw new DumpError('damaged', 'it goes on after its end');
    if (isHeader) {
      const { scope, kinds } = parseHeader(line);
      if (scope !== 'all')
        throw new DumpError('logical', 'a logical dump is for comparing: it says too little to load');
      for (const kind of kinds) counts[kind] = 0;
      isHeader = false;
    } else {
      const row = parseRow(line);
      if (row.kind === 'end') end = row;
      else {
        counts[row.kind] = (counts[row.kind] ?? 0) + 1;
        await take(row);
      }
    }
    if (!end) hash.update(`${line}\n`);
  }
  if (!end) throw new DumpError('damaged', 'it breaks off before its end');
  const missing = Object.keys({ ...counts, ...end.rows }).find((kind) => counts[kind] !== end.rows[kind]);
  if (missing !== undefined) throw new DumpError('damaged', `it does not have as many rows of ${missing} as it says`);
  if (hash.digest('hex') !== end.sha256) throw new DumpError('damaged', 'its checksum is another');
  return end;
}
