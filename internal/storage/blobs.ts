import type { Digest } from '../../pkg/oci/index.ts';
import type { Key, Objects } from './driver.ts';
import { blobKey, BLOBS, findStored } from './layout.ts';
import { removeEach } from './remove-each.ts';
import type { BlobReader, BlobStore } from './types.ts';

const REMOVED_AT_ONCE = 8;

export function createBlobReader(objects: Pick<Objects, 'stat' | 'open' | 'list'>): BlobReader {
  return {
    async stat(digest) {
      const entry = await objects.stat(blobKey(digest));
      return entry && { sizeBytes: entry.sizeBytes };
    },
    open: (digest) => objects.open(blobKey(digest)),
    async *walk() {
      for await (const { key, sizeBytes, modifiedMs } of objects.list(BLOBS)) {
        const stored = findStored(key);
        if (stored?.kind === 'blob') yield { digest: stored.digest, sizeBytes, modifiedMs };
      }
    },
  };
}

export function createBlobStore(objects: Objects): BlobStore {
  return {
    ...createBlobReader(objects),
    // Also where there is such content: a push again heals what went bad on the disk.
    put: (digest, bytes) => objects.put(blobKey(digest), bytes),
    remove: (digest) => objects.remove(blobKey(digest)),
    async removeAll(digests, leftMs) {
      const byKey = new Map(digests.map((digest): [Key, Digest] => [blobKey(digest), digest]));
      const keys = [...byKey.keys()];
      const left = objects.removeAll
        ? await objects.removeAll(keys, leftMs)
        : await removeEach(keys, REMOVED_AT_ONCE, leftMs, (key) => objects.remove(key));
      return left.flatMap(({ item, cause }) => {
        const digest = byKey.get(item);
        return digest ? [{ digest, cause }] : [];
      });
    },
  };
}
