/** Tells what of the bytes on a connection is a body's content; they are shown in order, each once. */
export interface Framing {
  partsOf(bytes: Uint8Array): readonly Uint8Array[];
}

/** Content of which so much is to come. */
export function lengthFraming(sizeBytes: number): Framing {
  let leftBytes = sizeBytes;
  return {
    partsOf(bytes) {
      const part = bytes.subarray(0, leftBytes);
      leftBytes -= part.length;
      return part.length > 0 ? [part] : [];
    },
  };
}

const CR = 0x0d;
const LF = 0x0a;
const HEX = /^[0-9a-f]+/i;

/**
 * Content in chunks (RFC 9112, section 7.1), from the end of a chunk's data on. The bytes are shown to Node's parser as
 * well, which is the one that insists on their form.
 */
class ChunkFraming implements Framing {
  #phase: 'before size' | 'size' | 'data' | 'over' = 'before size';
  #line = '';
  #leftBytes = 0;

  partsOf(bytes: Uint8Array): readonly Uint8Array[] {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < bytes.length && this.#phase !== 'over';) {
      if (this.#phase === 'data') {
        const part = bytes.subarray(at, at + this.#leftBytes);
        parts.push(part);
        at += part.length;
        this.#leftBytes -= part.length;
        if (this.#leftBytes === 0) this.#phase = 'before size';
      } else {
        this.#readLine(bytes[at]!);
        at += 1;
      }
    }
    return parts;
  }

  #readLine(byte: number): void {
    if (byte !== LF) {
      if (this.#phase === 'size') this.#line += String.fromCharCode(byte);
      return;
    }
    if (this.#phase === 'before size') {
      this.#phase = 'size';
      return;
    }
    this.#leftBytes = Number.parseInt(HEX.exec(this.#line)?.[0] ?? '0', 16);
    this.#line = '';
    this.#phase = this.#leftBytes > 0 ? 'data' : 'over';
  }
}

/**
 * The framing of a body in chunks that is looked at in the middle: `seen` bytes, in which the parser found data of these
 * lengths. Undefined where they do not tell; then the next bytes may.
 */
export function findChunkFraming(seen: Uint8Array, lengths: readonly number[]): Framing | undefined {
  const [first, ...others] = lengths;
  if (first === undefined || seen[first] !== CR || seen[first + 1] !== LF) return undefined;
  const framing = new ChunkFraming();
  const parts = framing.partsOf(seen.subarray(first)); // if data is what they begin with
  const agrees = parts.length === others.length && parts.every(({ length }, index) => length === others[index]);
  return agrees && others.length > 0 ? framing : undefined;
}
