import type { IncomingMessage } from 'node:http';
import type { Framing } from './framing.ts';
import type { SocketReads } from './socket-reads.ts';

/** Less than this in the time below is slow: then the buffer is wanted by others more. */
const QUICK_BYTES = 1024 * 1024;
const LOOK_MS = 5000;

/**
 * The rest of a request's body, read into one buffer again and again: a chunk is valid only until the next one is asked
 * for. Ends with the body, or before it where the client has become slow; then the rest comes in Node's way. Nothing of
 * the buffer is used any more when it has ended.
 */
export async function* lentBody(
  req: IncomingMessage,
  reads: SocketReads,
  framing: Framing,
  buffer: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const parts: Uint8Array[] = [];
  // What had come in Node's way.
  for (let part = next(req); part; part = next(req)) parts.push(part);
  let wake: (() => void) | undefined;
  const pace = { bytes: 0, isSlow: false };
  const change = (): void => wake?.();
  const look = setInterval(() => {
    pace.isSlow = pace.bytes < QUICK_BYTES;
    pace.bytes = 0;
    change();
  }, LOOK_MS);
  req.once('close', change);
  reads.direct(buffer, (bytes) => {
    reads.pass(bytes);
    pace.bytes += bytes.length;
    parts.push(...framing.partsOf(bytes.buffer === buffer.buffer ? bytes : kept(bytes, buffer)));
    change();
    return req.complete;
  });
  try {
    while (parts.length > 0 || !(req.complete || pace.isSlow)) {
      const part = parts.shift();
      if (part) {
        yield part;
        continue;
      }
      if (req.destroyed) throw req.errored ?? new Error('aborted');
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      reads.go();
      await promise;
    }
  } finally {
    clearInterval(look);
    req.off('close', change);
    reads.rest();
  }
}

const next = (req: IncomingMessage): Uint8Array | null => req.read() as Uint8Array | null;

function kept(bytes: Uint8Array, buffer: Uint8Array): Uint8Array {
  buffer.set(bytes);
  return buffer.subarray(0, bytes.length);
}
