import type { IncomingMessage } from 'node:http';
import { SlotPool } from '../storage/index.ts';
import { findChunkFraming, lengthFraming, type Framing } from './framing.ts';
import { lentBody } from './lent-body.ts';
import { SocketReads } from './socket-reads.ts';

/** A client that brings so much in the time below is quick, and the rest of its body worth a buffer. */
const PROVEN_BYTES = 1024 * 1024;
const PROVEN_MS = 1000;

const BUFFER_BYTES = 256 * 1024;
const BUFFER_LIMIT = 32;

/** Buffers for bodies that come quickly; the few that are made are used again and again. */
export function createBodyBuffers(): SlotPool {
  return new SlotPool(BUFFER_LIMIT, () => Buffer.allocUnsafeSlow(BUFFER_BYTES));
}

/** Whether a request's body may be so large that `largeBody` is worth its while. */
export function mayBeLarge({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) >= 2 * PROVEN_BYTES;
}

export interface LargeBodyDeps {
  /** Milliseconds, monotonic. */
  readonly ticks: () => number;
  readonly bodyBuffers: Pick<SlotPool, 'take'>;
  /** Told of each piece of a body that came in memory of its own, in bytes. */
  readonly onBodyBytes: (count: number) => void;
}

/**
 * A body of which a chunk is valid only until the next one is asked for. It is read in Node's way while it comes slowly
 * or no buffer is left, else past Node's streams.
 */
export async function* largeBody(req: IncomingMessage, deps: LargeBodyDeps): AsyncGenerator<Uint8Array> {
  const announced = req.headers['content-length'];
  let leftBytes = announced === undefined ? undefined : Number(announced);
  let canLend = true;
  for (;;) {
    const pace = createPace(deps.ticks);
    let framing: Framing | undefined;
    let reads: SocketReads | undefined;
    try {
      for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
        if (leftBytes !== undefined) leftBytes -= chunk.length;
        deps.onBodyBytes(chunk.length);
        yield chunk;
        if (!canLend || !pace.isQuick(chunk.length) || (leftBytes ?? Infinity) < PROVEN_BYTES) continue;
        if (!reads) {
          reads = SocketReads.of(req);
          canLend = reads !== undefined;
          if (leftBytes === undefined) {
            reads?.watch((bytes, lengths) => {
              if (framing) framing.partsOf(bytes);
              else framing = findChunkFraming(bytes, lengths);
            });
          }
        }
        if (leftBytes !== undefined) framing = lengthFraming(leftBytes - req.readableLength);
        if (reads && framing) break;
      }
    } finally {
      reads?.watch(undefined);
    }
    const slot = reads && framing && !req.complete ? deps.bodyBuffers.take() : undefined;
    if (!reads || !framing || !slot) {
      if (req.readableEnded) return;
      continue;
    }
    try {
      for await (const chunk of lentBody(req, reads, framing, slot.bytes)) {
        if (leftBytes !== undefined) leftBytes -= chunk.length;
        yield chunk;
      }
    } finally {
      slot.release();
    }
  }
}

/** Whether a client is quick: as it was when last so much had come. */
function createPace(ticks: () => number): { isQuick(count: number): boolean } {
  let [sinceMs, countedBytes, isQuick] = [ticks(), 0, false];
  return {
    isQuick(count) {
      countedBytes += count;
      if (countedBytes < PROVEN_BYTES) return isQuick;
      isQuick = ticks() - sinceMs <= PROVEN_MS;
      [sinceMs, countedBytes] = [ticks(), 0];
      return isQuick;
    },
  };
}
