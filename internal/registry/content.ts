import { createHash } from 'node:crypto';
import { algorithmOf, encodedOf, type Digest } from '../../pkg/oci/index.ts';
import type { BlobStore, ByteRange, Content } from '../storage/index.ts';
import { createContentCache } from './content-cache.ts';
import type { Damage } from './ports.ts';

/** Content up to this is answered from memory; it is loaded whole and verified. */
export const CACHED_BYTES = 128 * 1024;
/** Content up to this is verified before its first byte is answered (PROMISES P4). */
const VERIFIED_BYTES = 1024 * 1024;
/** So many digests are remembered as verified, so that a popular blob is not hashed at each request. */
const REMEMBERED = 10_000;

/**
 * Content ready to be answered: at hand in memory, open for streaming (to be closed by the receiver), or behind a URL
 * that whoever has it may read for a minute.
 */
export type OpenContent =
  | Readonly<{ kind: 'bytes'; sizeBytes: number; bytes: Uint8Array }>
  | Readonly<{ kind: 'elsewhere'; sizeBytes: number; url: URL }>
  | Readonly<{ kind: 'stream'; sizeBytes: number; content: Content }>;

type OnProblem = (problem: Damage['problem']) => void;

/** Stored content as it was pushed, or not at all. */
export interface VerifiedContent {
  /** Whole content where it is in memory. */
  atHand(digest: Digest): Uint8Array | undefined;
  /** Whole content from memory or storage, its digest checked; the problem where it is not as pushed. */
  load(digest: Digest, sizeBytes: number): Promise<Uint8Array | Damage['problem']>;
  /** The content, or the problem with it. `onLate` hears of a problem that is seen only when all has been read. */
  open(digest: Digest, sizeBytes: number, onLate?: OnProblem): Promise<OpenContent | Damage['problem']>;
  /** The problem that `open` would find, if there is one. */
  check(digest: Digest, sizeBytes: number): Promise<Damage['problem'] | undefined>;
}

async function readWhole(content: Content): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(content.sizeBytes);
  let at = 0;
  for await (const chunk of content.read()) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function checksum(digest: Digest): { update(chunk: Uint8Array): void; matches(): boolean } {
  const hash = createHash(algorithmOf(digest));
  return { update: (chunk) => void hash.update(chunk), matches: () => hash.digest('hex') === encodedOf(digest) };
}

/** A full read that throws before its last chunk is out where the content is not what its digest says. */
function checkedContent(digest: Digest, content: Content, onLate: OnProblem): Content {
  async function* checked(): AsyncIterable<Uint8Array> {
    const sum = checksum(digest);
    let left = content.sizeBytes;
    for await (const chunk of content.read()) {
      sum.update(chunk);
      left -= chunk.length;
      if (left === 0 && !sum.matches()) {
        onLate('wrong content');
        throw new Error(`content of ${digest} does not match its digest`);
      }
      yield chunk;
    }
  }
  return {
    sizeBytes: content.sizeBytes,
    read: (range?: ByteRange) => (range ? content.read(range) : checked()),
    close: () => content.close(),
  };
}

export function createVerifiedContent(
  blobs: BlobStore,
  options: { readonly cacheBytes: number; readonly verifyReads: boolean },
): VerifiedContent {
  const cache = createContentCache<Damage['problem']>(options.cacheBytes);
  const verified = new Set<Digest>();

  function remember(digest: Digest): void {
    verified.add(digest);
    if (verified.size <= REMEMBERED) return;
    const [oldest] = verified;
    if (oldest) verified.delete(oldest);
  }

  async function openChecked(digest: Digest, sizeBytes: number): Promise<Content | Damage['problem']> {
    const content = await blobs.open(digest);
    if (!content) return 'missing';
    if (content.sizeBytes === sizeBytes) return content;
    await content.close();
    return 'wrong size';
  }

  function load(digest: Digest, sizeBytes: number): Promise<Uint8Array | Damage['problem']> {
    return cache.get(digest, async () => {
      const content = await openChecked(digest, sizeBytes);
      if (typeof content === 'string') return content;
      try {
        const whole = await readWhole(content);
        const sum = checksum(digest);
        sum.update(whole);
        return sum.matches() ? whole : 'wrong content';
      } finally {
        await content.close();
      }
    });
  }

  const atHand = (digest: Digest): Uint8Array | undefined => cache.peek(digest);

  async function verify(digest: Digest, content: Content): Promise<boolean> {
    if (verified.has(digest)) return true;
    const sum = checksum(digest);
    for await (const chunk of content.read()) sum.update(chunk);
    if (!sum.matches()) return false;
    remember(digest);
    return true;
  }

  async function open(
    digest: Digest,
    sizeBytes: number,
    onLate: OnProblem = () => undefined,
  ): Promise<OpenContent | Damage['problem']> {
    if (sizeBytes <= CACHED_BYTES) {
      const bytes = atHand(digest) ?? (await load(digest, sizeBytes));
      return typeof bytes === 'string' ? bytes : { kind: 'bytes', sizeBytes, bytes };
    }
    const content = await openChecked(digest, sizeBytes);
    if (typeof content === 'string') return content;
    let handedOver = false;
    try {
      if (sizeBytes <= VERIFIED_BYTES && !(await verify(digest, content))) return 'wrong content';
      handedOver = true;
      return {
        kind: 'stream',
        sizeBytes,
        content: options.verifyReads ? checkedContent(digest, content, onLate) : content,
      };
    } finally {
      if (!handedOver) await content.close();
    }
  }

  async function check(digest: Digest, sizeBytes: number): Promise<Damage['problem'] | undefined> {
    if (sizeBytes > VERIFIED_BYTES || verified.has(digest)) {
      const stored = await blobs.stat(digest);
      if (!stored) return 'missing';
      return stored.sizeBytes === sizeBytes ? undefined : 'wrong size';
    }
    const opened = await open(digest, sizeBytes);
    if (typeof opened === 'string') return opened;
    if (opened.kind === 'stream') await opened.content.close();
    return undefined;
  }

  return { atHand, load, open, check };
}
