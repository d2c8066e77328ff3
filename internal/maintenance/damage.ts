import { createHash } from 'node:crypto';
import { algorithmOf, encodedOf, type Digest } from '../../pkg/oci/index.ts';
import type { Catalog, DamageKind } from '../catalog/index.ts';
import type { BlobReader, Content } from '../storage/index.ts';

/** Content as the catalog knows it. */
export interface KnownContent {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** How stored content is not what the catalog says. */
export interface Damage {
  readonly problem: DamageKind;
  readonly detail?: string;
}

/** Hears of bytes as they are read, and may keep the reader waiting. */
export type OnRead = (bytes: number) => Promise<void> | void;

/**
 * Compares stored content with what is known of it: its size, and all of its bytes where somebody is to hear of them.
 * What may be damage may also be content that is being collected just now: see `findKept`.
 */
export async function findDamage(
  blobs: Pick<BlobReader, 'stat' | 'open'>,
  { digest, sizeBytes }: KnownContent,
  onRead?: OnRead,
): Promise<Damage | undefined> {
  if (!onRead) return findLookDamage(await blobs.stat(digest), sizeBytes);
  const content = await blobs.open(digest);
  const damage = findLookDamage(content, sizeBytes);
  if (damage) {
    await content?.close();
    return damage;
  }
  return !content || (await isAsPushed(content, digest, onRead)) ? undefined : { problem: 'wrong content' };
}

function findLookDamage(stored: { readonly sizeBytes: number } | undefined, sizeBytes: number): Damage | undefined {
  if (!stored) return { problem: 'missing' };
  if (stored.sizeBytes === sizeBytes) return undefined;
  return { problem: 'wrong size', detail: `it has ${stored.sizeBytes} bytes, not ${sizeBytes}` };
}

/** The content as the catalog has it now; undefined where it is gone, or somebody is about to remove it. */
export async function findKept(
  { queries }: Pick<Catalog, 'queries'>,
  digest: Digest,
): Promise<KnownContent | undefined> {
  const [found] = await queries.listBlobs({ after: digest.slice(0, -1), limit: 1 });
  return found?.digest === digest ? found : undefined;
}

/** Reads content through, and closes it: whether it is what its digest says. */
export async function isAsPushed(content: Content, digest: Digest, onRead?: OnRead): Promise<boolean> {
  try {
    const hash = createHash(algorithmOf(digest));
    for await (const chunk of content.read()) {
      hash.update(chunk);
      await onRead?.(chunk.length);
    }
    return hash.digest('hex') === encodedOf(digest);
  } finally {
    await content.close();
  }
}
