import { REPOSITORIES, unless } from './client.ts';
import { IMAGES } from './content.ts';
import type { Replica } from './replica.ts';

/** Pulls every tag whole; what is wrong with one that cannot be. */
export async function pullAll({ registry, blobs }: Replica): Promise<string | undefined> {
  for (const repository of REPOSITORIES) {
    const tags = await unless(['NAME_UNKNOWN'], () => registry.lists.tags(repository, { limit: 100 }));
    for (const tag of tags?.rows ?? []) {
      const { digest } = await registry.manifests.get(repository, { kind: 'tag', tag });
      const image = IMAGES.find(({ manifest }) => manifest.digest === digest);
      for (const blob of image?.blobs ?? []) {
        const found = await blobs.stat(blob.digest);
        const opened = await registry.blobs.open(repository, blob.digest);
        const isWhole = opened.kind === 'bytes' && blob.bytes.equals(opened.bytes);
        if (found?.sizeBytes !== blob.size || !isWhole) return `${repository}:${tag} lacks ${blob.digest}`;
      }
    }
  }
  return undefined;
}
