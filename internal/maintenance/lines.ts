import { DumpError } from './dump-format.ts';

const LINE_FEED = 0x0a;
/** Far longer than the row of the largest manifest that is accepted anywhere. */
const LONGEST_BYTES = 64 * 1024 * 1024;

/** The lines of UTF-8 text, each ended by a line feed and given without it. */
export async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const decode = (line: Uint8Array): string => {
    try {
      return decoder.decode(line);
    } catch (cause) {
      throw new DumpError('damaged', 'it is not UTF-8', cause);
    }
  };
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  for await (const chunk of bytes) {
    let at = 0;
    for (let end; (end = chunk.indexOf(LINE_FEED, at)) >= 0; at = end + 1) {
      const rest = chunk.subarray(at, end);
      yield decode(begun.length === 0 ? rest : Buffer.concat([...begun, rest]));
      begun = [];
      begunBytes = 0;
    }
    // Copied: a reader may use the same buffer for what comes next.
    if (at < chunk.length) begun.push(new Uint8Array(chunk.subarray(at)));
    begunBytes += chunk.length - at;
    if (begunBytes > LONGEST_BYTES) throw new DumpError('damaged', 'it has a line without an end');
  }
  if (begunBytes > 0) throw new DumpError('damaged', 'it breaks off in the middle of a line');
}
