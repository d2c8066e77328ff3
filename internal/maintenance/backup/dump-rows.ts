import type { Digest } from '../../../pkg/oci/index.ts';
import type { DumpRow } from '../../catalog/index.ts';
import { parseHeader, parseRow } from '../dump-format.ts';
import { readLines } from '../lines.ts';

/** The rows of a dump that was checked. */
export async function* dumpRows(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<DumpRow> {
  let isHeader = true;
  for await (const line of readLines(bytes)) {
    const row = isHeader ? void parseHeader(line) : parseRow(line);
    isHeader = false;
    if (row && row.kind !== 'end') yield row;
  }
}

/** The content that was quarantined when such a dump was made; what comes after that in the dump is not read. */
export async function quarantinedContent(bytes: AsyncIterable<Uint8Array>): Promise<ReadonlySet<Digest>> {
  const digests = new Set<Digest>();
  for await (const row of dumpRows(bytes)) {
    if (row.kind === 'quarantine') digests.add(row.digest);
    else if (row.kind !== 'repository' && row.kind !== 'blob') break;
  }
  return digests;
}

/** The content that such a dump names, in the order of digests; what comes after that in the dump is not read. */
export async function* namedContent(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly digest: Digest; readonly sizeBytes: number }> {
  let begun = false;
  for await (const row of dumpRows(bytes)) {
    if (row.kind === 'blob') {
      begun = true;
      yield row;
    } else if (begun) return;
  }
}
