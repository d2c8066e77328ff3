import type { Body, BodyEnd } from './body.ts';

/** Content up to this is gathered, hashed in place and written in one go. */
export const SMALL_BYTES = 256 * 1024;
/** So much is set aside at first for a body that announces more: not every announcement is kept. */
const FIRST_BYTES = 64 * 1024;
/** A small body that takes longer is treated as a large one, so that its bytes are seen moving. */
const GATHERED_MS = 5000;

/**
 * How a body starts: a small one is all there; a large one goes on after these bytes and the chunk not gathered.
 * `slow`: it is taken for a large one since it takes its time.
 */
export type Head =
  | Readonly<{ kind: 'small'; bytes: Uint8Array; end: BodyEnd }>
  | Readonly<{ kind: 'large'; bytes: Uint8Array; chunk: Uint8Array; slow: boolean }>;

const NOTHING = new Uint8Array(0);

/** Reads a body until it is known to be small or large. Chunks are copied, since tiny ones cost more than their bytes. */
export async function readHead(body: Body, expectedBytes: number | undefined, clock: () => number): Promise<Head> {
  if (expectedBytes !== undefined && expectedBytes > SMALL_BYTES)
    return { kind: 'large', bytes: NOTHING, chunk: NOTHING, slow: false };
  const startedMs = clock();
  const first = Math.min(expectedBytes ?? 0, FIRST_BYTES);
  let gathered = NOTHING;
  let length = 0;
  for (;;) {
    const next = await body.next();
    const bytes = gathered.subarray(0, length);
    if (next.kind !== 'chunk') return { kind: 'small', bytes, end: next };
    const needed = length + next.bytes.length;
    const slow = clock() - startedMs >= GATHERED_MS;
    if (slow || needed > SMALL_BYTES) return { kind: 'large', bytes, chunk: next.bytes, slow };
    if (needed > gathered.length) gathered = grown(bytes, Math.max(needed, first, 2 * length));
    gathered.set(next.bytes, length);
    length = needed;
  }
}

function grown(bytes: Uint8Array, sizeBytes: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(sizeBytes, SMALL_BYTES));
  larger.set(bytes);
  return larger;
}
