import { algorithmOf, digestOf, type Digest, type UploadId } from '../../pkg/oci/index.ts';
import type { Content, Storage } from '../storage/index.ts';

export interface CopyTarget {
  readonly storage: Pick<Storage, 'blobs' | 'uploads'>;
  /** A fresh id for the bytes on their way. */
  readonly newUploadId: () => UploadId;
  /** Ends what is under way, which then throws. */
  readonly signal?: AbortSignal;
  /** Whether what is there is replaced even where storage would vouch for it: it is known to be damaged. */
  readonly replace?: boolean;
}

/** Up to this, content is gathered and put; larger content streams through an upload. */
export const SMALL_BYTES = 256 * 1024;

/**
 * Copies content into its place and closes it. False where its bytes are not what the digest says: then nothing is
 * there under the digest that was not before.
 */
export async function copyBlob(content: Content, digest: Digest, target: CopyTarget): Promise<boolean> {
  try {
    const isSmall = content.sizeBytes <= SMALL_BYTES;
    return await (isSmall ? putWhole(content, digest, target) : putStreaming(content, digest, target));
  } finally {
    await content.close();
  }
}

async function putWhole(content: Content, digest: Digest, { storage }: CopyTarget): Promise<boolean> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content.read()) chunks.push(new Uint8Array(chunk)); // a chunk is valid until the next
  const bytes = Buffer.concat(chunks);
  if (digestOf(bytes, algorithmOf(digest)) !== digest) return false;
  await storage.blobs.put(digest, bytes);
  return true;
}

async function putStreaming(content: Content, digest: Digest, target: CopyTarget): Promise<boolean> {
  const { signal, replace } = target;
  const { uploads } = target.storage;
  const id = target.newUploadId();
  let state: string | undefined;
  try {
    const appended = await uploads.append(id, { offsetBytes: 0 }, content.read(), {
      algorithm: algorithmOf(digest),
      expectedBytes: content.sizeBytes,
      destination: digest,
      sync: false,
      ...(signal && { signal }),
    });
    const { position } = appended;
    state = position.state;
    if (appended.kind === 'broken') throw appended.cause;
    if ((await uploads.digest(id, position, algorithmOf(digest))) !== digest) return false;
    await uploads.publish(id, position, digest, { replace });
    return true;
  } finally {
    await uploads.discard(id, state);
  }
}
