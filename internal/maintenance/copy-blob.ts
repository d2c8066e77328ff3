import { algorithmOf, type Digest, type UploadId } from '../../pkg/oci/index.ts';
import type { Content, Storage, UploadPosition } from '../storage/index.ts';

export interface CopyTarget {
  readonly storage: Pick<Storage, 'uploads'>;
  /** A fresh id for the bytes on their way. */
  readonly newUploadId: () => UploadId;
  /** Ends what is under way, which then throws. */
  readonly signal?: AbortSignal;
  /** Whether what is there is replaced even where storage would vouch for it: it is known to be damaged. */
  readonly replace?: boolean;
}

/**
 * Copies content into its place and closes it. False where its bytes are not what the digest says: then nothing is
 * there under the digest that was not before.
 */
export async function copyBlob(content: Content, digest: Digest, target: CopyTarget): Promise<boolean> {
  try {
    return await copyOpen(content, digest, target);
  } finally {
    await content.close();
  }
}

async function copyOpen(content: Content, digest: Digest, target: CopyTarget): Promise<boolean> {
  const { signal, replace } = target;
  const { uploads } = target.storage;
  const id = target.newUploadId();
  let reached: UploadPosition | undefined;
  try {
    const appended = await uploads.append(id, { offsetBytes: 0 }, content.read(), {
      algorithm: algorithmOf(digest),
      expectedBytes: content.sizeBytes,
      destination: digest,
      sync: false,
      ...(signal && { signal }),
    });
    reached = appended.position;
    if (appended.kind === 'broken') throw appended.cause;
    if ((await uploads.digest(id, reached, algorithmOf(digest))) !== digest) return false;
    await uploads.publish(id, reached, digest, { replace });
    return true;
  } finally {
    if (!reached?.bytes) await uploads.discard(id, reached?.state);
  }
}
