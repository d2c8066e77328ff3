/** What is sent after a request's head. */
export interface Body {
  readonly sizeBytes: number;
  /** In the pieces that are handed to the system; they may be shared with other bodies. */
  readonly pieces: () => Iterable<Uint8Array>;
}

export function bytesBody(bytes: Uint8Array): Body {
  return { sizeBytes: bytes.length, pieces: () => (bytes.length === 0 ? [] : [bytes]) };
}

/** The same in the chunks of Transfer-Encoding: chunked. */
export function chunkedBody({ sizeBytes, pieces }: Body): Body {
  return {
    sizeBytes,
    *pieces() {
      for (const piece of pieces()) {
        yield Buffer.from(`${piece.length.toString(16)}\r\n`);
        yield piece;
        yield CRLF;
      }
      yield LAST_CHUNK;
    },
  };
}

const CRLF = Buffer.from('\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');
