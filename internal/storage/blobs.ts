import type { Objects } from './driver.ts';
import { blobKey } from './layout.ts';
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
  };
}
