import type { ByteRange, Content } from './types.ts';

/** Where a range starts, and how long it is, in content of `sizeBytes`; all of it without a range. */
export function spanOf(sizeBytes: number, range?: ByteRange): { readonly start: number; readonly lengthBytes: number } {
  if (!range) return { start: 0, lengthBytes: sizeBytes };
  const { start, end } = range;
  if (start < 0 || end < start || end >= sizeBytes) throw new RangeError(`no bytes ${start}-${end} in ${sizeBytes}`);
  return { start, lengthBytes: end - start + 1 };
}

/** Bytes in memory as content that is open for reading. */
export function contentOf(bytes: Uint8Array): Content {
  async function* read(range?: ByteRange): AsyncGenerator<Uint8Array> {
    const { start, lengthBytes } = spanOf(bytes.length, range);
    if (lengthBytes > 0) yield bytes.subarray(start, start + lengthBytes);
  }
  return { sizeBytes: bytes.length, read, close: () => Promise.resolve() };
}

/** All of some content in one piece; undefined where it is larger than `limitBytes`. Closes it in any case. */
export async function gather(content: Content, limitBytes: number): Promise<Uint8Array | undefined> {
  try {
    if (content.sizeBytes > limitBytes) return undefined;
    const bytes = new Uint8Array(content.sizeBytes);
    let at = 0;
    for await (const chunk of content.read()) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  } finally {
    await content.close();
  }
}
