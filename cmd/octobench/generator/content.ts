import { createHash, randomBytes, type Hash } from 'node:crypto';
import { toDigest, type Digest } from '../../../pkg/oci/index.ts';
import type { Body } from './body.ts';

const BLOCK_BYTES = 1024 * 1024;
const MARK_BYTES = 16;

/** A blob to be uploaded. */
export interface Content {
  readonly digest: Digest;
  readonly body: Body;
}

function blocksOf(block: Uint8Array, sizeBytes: number): readonly Uint8Array[] {
  const whole = Array.from({ length: Math.floor(sizeBytes / block.length) }, () => block);
  const rest = sizeBytes % block.length;
  return rest === 0 ? whole : [...whole, block.subarray(0, rest)];
}

function hashed(pieces: readonly Uint8Array[]): Hash {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash;
}

/** The same content for the same name and size. */
export function contentFor(name: string, sizeBytes: number): Content {
  const outputLength = Math.min(Math.max(sizeBytes, 1), BLOCK_BYTES);
  const pieces = blocksOf(createHash('shake256', { outputLength }).update(name).digest(), sizeBytes);
  return { digest: toDigest('sha256', hashed(pieces).digest('hex')), body: { sizeBytes, pieces: () => pieces } };
}

/**
 * Makes contents of one size, each unlike any other that ever was. They differ in their last bytes only, so that even a
 * gigabyte is made, and its digest known, in no time.
 */
export function createContents(sizeBytes: number): () => Content {
  if (sizeBytes < MARK_BYTES) throw new RangeError(`content that differs has at least ${MARK_BYTES} bytes`);
  const commonBytes = sizeBytes - MARK_BYTES;
  const common = blocksOf(randomBytes(Math.min(BLOCK_BYTES, Math.max(1, commonBytes))), commonBytes);
  const hash = hashed(common);
  const salt = randomBytes(MARK_BYTES - 6);
  let count = 0;
  return () => {
    const mark = Buffer.concat([salt, Buffer.alloc(6)]);
    mark.writeUIntBE((count += 1), salt.length, 6);
    const pieces = sizeBytes <= BLOCK_BYTES ? [Buffer.concat([...common, mark])] : [...common, mark];
    const digest = toDigest('sha256', hash.copy().update(mark).digest('hex'));
    return { digest, body: { sizeBytes, pieces: () => pieces } };
  };
}

/** The chunks of a body, each as its bytes; they may be views of what other bodies have too. */
export function* cut({ pieces }: Body, chunkBytes: number): Generator<Body> {
  let [held, heldBytes]: [Uint8Array[], number] = [[], 0];
  const release = (): Body => {
    const [own, sizeBytes] = [held, heldBytes];
    [held, heldBytes] = [[], 0];
    return { sizeBytes, pieces: () => own };
  };
  for (const piece of pieces()) {
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + chunkBytes - heldBytes);
      held.push(part);
      heldBytes += part.length;
      at += part.length;
      if (heldBytes === chunkBytes) yield release();
    }
  }
  if (heldBytes > 0) yield release();
}
