import { createClient, type Credentials } from '../../pkg/client/index.ts';
import type { Sample, SampleImage } from './images.ts';

/** Pushes content by our own client. */
export interface Pusher {
  blob(repository: string, blob: Sample): Promise<void>;
  /** The manifest alone, under its digest where no tag is given. */
  manifest(repository: string, manifest: Sample, ...tags: readonly string[]): Promise<void>;
  /** The blobs first, then the manifest. */
  image(repository: string, image: SampleImage, ...tags: readonly string[]): Promise<void>;
}

export function createPusher(url: string, credentials?: Credentials): Pusher {
  const client = createClient({ url, ...(credentials && { credentials }) });
  const pusher: Pusher = {
    async blob(repository, { bytes, digest, size }) {
      await client.pushBlob(repository, bytes, { digest, size });
    },
    async manifest(repository, { bytes, digest, mediaType }, first = digest, ...tags) {
      await client.putManifest(repository, first, { bytes, mediaType, tags });
    },
    async image(repository, { manifest, blobs }, ...tags) {
      await Promise.all(blobs.map((blob) => pusher.blob(repository, blob)));
      await pusher.manifest(repository, manifest, ...tags);
    },
  };
  return pusher;
}
