import { createClient } from '../../../pkg/client/index.ts';
import { parseManifest } from '../../../pkg/oci/index.ts';

/** Everything that a registry lists, as it was pulled. */
export interface Pulled {
  /** `repository:tag digest`, in the order of the lists. */
  readonly tags: readonly string[];
  /** How many distinct blobs and manifests were read to their ends; each had its digest. */
  readonly contents: number;
}

/** Pulls every tag of every repository completely; throws at the first thing that is not there or not whole. */
export async function pullEverything(url: string): Promise<Pulled> {
  const client = createClient({ url, maxRetries: 0 });
  const tags: string[] = [];
  const seen = new Set<string>();
  const isNew = (repository: string, digest: string): boolean => seen.size < seen.add(`${repository}@${digest}`).size;

  async function pullManifest(repository: string, reference: string): Promise<string> {
    const { bytes, digest, mediaType } = await client.getManifest(repository, reference);
    if (!isNew(repository, digest)) return digest;
    const { config, layers, manifests } = parseManifest(bytes, mediaType);
    for (const child of manifests) await pullManifest(repository, child.digest);
    for (const blob of [config, ...layers]) {
      if (!blob || !isNew(repository, blob.digest)) continue;
      const content = await client.getBlob(repository, blob.digest, { size: blob.size });
      for await (const _ of content); // fails where the bytes are others
    }
    return digest;
  }

  for await (const repository of client.listRepositories()) {
    for await (const tag of client.listTags(repository)) {
      tags.push(`${repository}:${tag} ${await pullManifest(repository, tag)}`);
    }
  }
  return { tags, contents: seen.size };
}
