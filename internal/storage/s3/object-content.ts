import { spanOf } from '../content.ts';
import type { Key } from '../driver.ts';
import type { ByteRange, Content } from '../types.ts';
import type { Opened } from './bucket.ts';
import { lengthOf, type Span } from './plan-parts.ts';
import { RangeReader, type Reading } from './range-reader.ts';

/**
 * An object that is open for reading. Its bytes are on their way already: whoever reads from the start has them with
 * the one call that told the size; another range is another call.
 */
export async function openObject(reading: Reading, key: Key): Promise<Content | undefined> {
  const opened = await reading.bucket.get(key);
  if (!opened) return undefined;
  const { sizeBytes, tag } = opened;
  const readers = new Readers();
  let unused: Opened | undefined = opened;

  async function* read(range?: ByteRange): AsyncGenerator<Uint8Array> {
    const { start, lengthBytes } = spanOf(sizeBytes, range);
    if (lengthBytes === 0) return;
    const begun = start === 0 ? unused : undefined;
    if (begun) unused = undefined;
    const from = { ...(begun && { begun }), ...(tag !== undefined && { tag }) };
    yield* readers.read(new RangeReader(reading, key, { start, end: start + lengthBytes - 1 }, from));
  }

  return {
    sizeBytes,
    read,
    async close() {
      unused?.body.destroy();
      readers.stop();
    },
  };
}

/** Spans of objects, one after the other, as one content. Nothing is called before it is read. */
export function contentOfSpans(reading: Reading, spans: readonly Span<Key>[]): Content {
  const sizeBytes = spans.reduce((sum, span) => sum + lengthOf(span), 0);
  const readers = new Readers();

  async function* read(range?: ByteRange): AsyncGenerator<Uint8Array> {
    const { start, lengthBytes } = spanOf(sizeBytes, range);
    for (const { source, ...span } of within(spans, start, lengthBytes)) {
      yield* readers.read(new RangeReader(reading, source, span));
    }
  }

  return { sizeBytes, read, close: async () => readers.stop() };
}

/** The reads that go on in one content: they end with it. */
class Readers {
  readonly #going = new Set<RangeReader>();
  #stopped = false;

  async *read(reader: RangeReader): AsyncGenerator<Uint8Array> {
    if (this.#stopped) reader.stop();
    this.#going.add(reader);
    try {
      yield* reader.read();
    } finally {
      this.#going.delete(reader);
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const reader of this.#going) reader.stop();
  }
}

/** What of the spans lies within a range of all their bytes. */
function within(spans: readonly Span<Key>[], start: number, lengthBytes: number): readonly Span<Key>[] {
  const end = start + lengthBytes;
  let at = 0;
  return spans.flatMap((span) => {
    const from = Math.max(start, at) - at;
    const to = Math.min(end, at + lengthOf(span)) - at;
    at += lengthOf(span);
    return from < to ? [{ ...span, start: span.start + from, end: span.start + to - 1 }] : [];
  });
}
