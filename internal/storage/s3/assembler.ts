import type { Key } from '../driver.ts';
import { StorageError, type Content } from '../types.ts';
import { meaningOf } from './failures.ts';
import { copyBytes } from './limits.ts';
import type { Multipart } from './multiparts.ts';
import { contentOfSpans } from './object-content.ts';
import { checkStored, PartSender } from './part-sender.ts';
import type { PartBuffer } from './part-buffers.ts';
import type { WriterDeps } from './piece-writer.ts';
import { lengthOf, planParts, type PlannedPart, type Span } from './plan-parts.ts';
import type { Reading } from './range-reader.ts';

export interface AssemblerDeps extends WriterDeps {
  readonly reading: Reading;
}

/** S3 copies so many parts at once; it has the work, not this process. */
const MOST_COPIES = 8;

/** Puts stored spans together as one object under another key. S3 copies what it can itself. */
export class Assembler {
  readonly #deps: AssemblerDeps;
  #copiesParts = true;

  constructor(deps: AssemblerDeps) {
    this.#deps = deps;
  }

  /** `whole`: the one span is all of its object. */
  async assemble(spans: readonly Span<Key>[], to: Key, whole = false): Promise<void> {
    const { bucket, limits } = this.#deps;
    const sizeBytes = spans.reduce((sum, span) => sum + lengthOf(span), 0);
    const [first] = spans;
    if (whole && first && sizeBytes <= limits.wholeCopyBytes) {
      await bucket.copy(first.source, to);
      await checkStored(bucket, to, sizeBytes);
    } else if (sizeBytes <= limits.partBytes) {
      await this.#gather(spans, (bytes) => bucket.put(to, bytes));
    } else {
      await this.#inParts(spans, to, sizeBytes);
    }
  }

  async #inParts(spans: readonly Span<Key>[], to: Key, sizeBytes: number): Promise<void> {
    const { limits } = this.#deps;
    const copiedBytes = this.#copiesParts ? copyBytes(limits, sizeBytes) : 0;
    const parts = planParts(spans, { leastBytes: limits.leastPartBytes, sentBytes: limits.partBytes, copiedBytes });
    const sender = new PartSender(this.#deps, to);
    try {
      for (const part of parts) await this.#bring(sender, part);
      await sender.complete(sizeBytes);
    } catch (failure) {
      await sender.abort();
      if (!this.#copiesParts || !isUnable(failure)) throw failure;
      this.#copiesParts = false; // the service has no such call: the bytes go through this process from now on
      await this.#inParts(spans, to, sizeBytes);
    }
  }

  async #bring(sender: PartSender, part: PlannedPart<Key>): Promise<void> {
    const { multiparts } = this.#deps;
    if (part.kind === 'copy') {
      const { source, ...range } = part.span;
      const copy = (multipart: Multipart, number: number): Promise<string> =>
        multiparts.copy(multipart, number, source, range);
      return sender.add(copy, () => undefined, MOST_COPIES);
    }
    const { buffer, bytes } = await this.#fill(part.spans);
    const put = (multipart: Multipart, number: number): Promise<string> => multiparts.put(multipart, number, bytes);
    return sender.add(put, () => buffer.release(), MOST_COPIES);
  }

  async #gather(spans: readonly Span<Key>[], use: (bytes: Uint8Array) => Promise<void>): Promise<void> {
    const { buffer, bytes } = await this.#fill(spans);
    try {
      await use(bytes);
    } finally {
      buffer.release();
    }
  }

  /** Reads the spans, together no more than a part, into a buffer. */
  async #fill(spans: readonly Span<Key>[]): Promise<{ readonly buffer: PartBuffer; readonly bytes: Uint8Array }> {
    const buffer = await this.#deps.buffers.take();
    const content = contentOfSpans(this.#deps.reading, spans);
    try {
      return { buffer, bytes: await readInto(content, buffer.bytes) };
    } catch (failure) {
      buffer.release();
      throw failure;
    } finally {
      await content.close();
    }
  }
}

async function readInto(content: Content, buffer: Buffer): Promise<Uint8Array> {
  let length = 0;
  for await (const chunk of content.read()) {
    buffer.set(chunk, length);
    length += chunk.length;
  }
  return buffer.subarray(0, length);
}

function isUnable(failure: unknown): boolean {
  return failure instanceof StorageError && meaningOf(failure.cause) === 'unable';
}
