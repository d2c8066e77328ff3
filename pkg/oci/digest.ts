import { createHash } from 'node:crypto';
import { OciError } from './errors.ts';

declare const brand: unique symbol;
/** `algorithm:encoded`, checked: `sha256:` and 64 or `sha512:` and 128 lower-case hex digits (image-spec: descriptor.md, Digests). */
export type Digest = string & { readonly [brand]: 'Digest' };
export type Algorithm = 'sha256' | 'sha512';

export const ALGORITHMS: readonly Algorithm[] = ['sha256', 'sha512'];
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** The digest in `text`; undefined where it is malformed or of an algorithm that is not kept here. */
export function findDigest(text: string): Digest | undefined {
  return text.length <= 135 && DIGEST.test(text) ? (text as Digest) : undefined; // the only cast to Digest
}

/** The digest in `text`, or DIGEST_INVALID. */
export function parseDigest(text: string): Digest {
  const digest = findDigest(text);
  if (!digest) throw new OciError('DIGEST_INVALID', excerpt(text));
  return digest;
}

/** `sha256` or `sha512`, or DIGEST_INVALID. */
export function parseAlgorithm(text: string): Algorithm {
  const algorithm = ALGORITHMS.find((known) => known === text);
  if (!algorithm) throw new OciError('DIGEST_INVALID', `unknown digest algorithm ${excerpt(text)}`);
  return algorithm;
}

export function algorithmOf(digest: Digest): Algorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

/** The hex digits after the colon. */
export function encodedOf(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** A digest from an algorithm and the hex of a finished hash. */
export function toDigest(algorithm: Algorithm, hex: string): Digest {
  return parseDigest(`${algorithm}:${hex}`);
}

export function digestOf(bytes: Uint8Array, algorithm: Algorithm = 'sha256'): Digest {
  return toDigest(algorithm, createHash(algorithm).update(bytes).digest('hex'));
}

/** What a client sent, short enough to be sent back in an error. */
export function excerpt(text: string, max = 200): string {
  return text.length <= max ? text : `${text.slice(0, max)}...`;
}
