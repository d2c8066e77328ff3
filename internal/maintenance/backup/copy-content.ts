import type { Digest, UploadId } from '../../../pkg/oci/index.ts';
import {
  SMALL_BYTES,
  StorageError,
  type BlobReader,
  type BlobStore,
  type Content,
  type UploadManager,
} from '../../storage/index.ts';
import { copyBlob } from '../copy-blob.ts';
import { forEach } from '../for-each.ts';
import { createGate } from '../gate.ts';
import type { Lacking } from './marker.ts';

export interface CopyDeps {
  readonly from: Pick<BlobReader, 'open'>;
  readonly to: { readonly blobs: BlobStore; readonly uploads: UploadManager };
  readonly newUploadId: () => UploadId;
  /** Whether it is there already, in its size. */
  readonly has: (blob: NamedContent) => Promise<boolean>;
  /** Whether what is there is known to be damaged: it is replaced. Nothing is, where that is not given. */
  readonly isDamaged?: ((digest: Digest) => boolean) | undefined;
  /** Hears of each content that could not be copied since it is not there, or not what it should be. */
  readonly onLacking: (lacking: Lacking) => Promise<void> | void;
  readonly onDone: (sizeBytes: number) => void;
  /** How many contents are copied at a time. */
  readonly atOnce: number;
}

export interface NamedContent {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

export interface Copied {
  readonly blobs: number;
  readonly bytes: number;
  readonly copiedBlobs: number;
  readonly copiedBytes: number;
}

/** Of large contents fewer are copied at a time: each streams through buffers, and keeps a disk busy by itself. */
const LARGE_AT_ONCE = 2;

/**
 * Copies what is named and is not there yet. Each content is checked against its digest on the way, and is there whole or
 * not at all. What cannot be read where it comes from is told, and does not stop the rest.
 */
export async function copyContent(
  deps: CopyDeps,
  contents: AsyncIterable<NamedContent>,
  signal: AbortSignal,
): Promise<Copied> {
  const counts = { blobs: 0, bytes: 0, copiedBlobs: 0, copiedBytes: 0 };
  const large = createGate(LARGE_AT_ONCE);
  await forEach(contents, deps.atOnce, async (blob) => {
    signal.throwIfAborted();
    counts.blobs += 1;
    counts.bytes += blob.sizeBytes;
    if (deps.isDamaged?.(blob.digest) || !(await deps.has(blob))) {
      const copy = (): Promise<string | undefined> => copyOne(deps, blob, signal);
      const reason = await (blob.sizeBytes > SMALL_BYTES ? large(copy) : copy());
      if (reason !== undefined) await deps.onLacking({ digest: blob.digest, reason });
      else {
        counts.copiedBlobs += 1;
        counts.copiedBytes += blob.sizeBytes;
      }
    }
    deps.onDone(blob.sizeBytes);
  });
  return counts;
}

/** Why it could not be copied, where that is for what it comes from. */
async function copyOne(
  { from, to, newUploadId, isDamaged }: CopyDeps,
  { digest, sizeBytes }: NamedContent,
  signal: AbortSignal,
): Promise<string | undefined> {
  signal.throwIfAborted();
  const read = watchReading(from);
  try {
    const content = await read.open(digest);
    if (!content) return 'it is missing';
    if (content.sizeBytes !== sizeBytes) {
      await content.close();
      return `it has ${content.sizeBytes} bytes, not ${sizeBytes}`;
    }
    const replace = isDamaged?.(digest) ?? false;
    const isRight = await copyBlob(content, digest, { storage: to, newUploadId, signal, replace });
    return isRight ? undefined : 'its bytes are not what its digest says';
  } catch (failure) {
    if (signal.aborted || !read.isBroken()) throw failure;
    return 'it cannot be read';
  }
}

/** Tells a content that cannot be read from whatever else can fail while it is copied. */
function watchReading(from: Pick<BlobReader, 'open'>) {
  let broken = false;
  function note(failure: unknown): unknown {
    if (failure instanceof StorageError && failure.failure === 'broken') broken = true;
    return failure;
  }
  async function* readAll(content: Content): AsyncGenerator<Uint8Array> {
    try {
      yield* content.read();
    } catch (failure) {
      throw note(failure);
    }
  }
  return {
    async open(digest: Digest): Promise<Content | undefined> {
      const content = await from.open(digest).catch((failure: unknown) => {
        throw note(failure);
      });
      return content && { sizeBytes: content.sizeBytes, read: () => readAll(content), close: () => content.close() };
    },
    isBroken: () => broken,
  };
}
