import type { Objects } from './driver.ts';
import { blobKey, BLOBS, findStored } from './layout.ts';
import type { BlobStore } from './types.ts';

export function createBlobStore(objects: Objects): BlobStore {
  return {
    async stat(digest) {
      const entry = await objects.stat(blobKey(digest));
      return entry && { sizeBytes: entry.sizeBytes };
    },
    open: (digest) => objects.open(blobKey(digest)),
    // Also where there is such content: a push again heals what went bad on the disk.
    put: (digest, bytes) => objects.put(blobKey(digest), bytes),
    remove: (digest) => objects.remove(blobKey(digest)),
    async *walk() {
      for await (const { key, sizeBytes, modifiedMs } of objects.list(BLOBS)) {
        const stored = findStored(key);
        if (stored?.kind === 'blob') yield { digest: stored.digest, sizeBytes, modifiedMs };
      }
    },
  };
}
