import { digestOf, OCI_IMAGE_MANIFEST, OciError, type Digest, type RepositoryName } from '../../pkg/oci/index.ts';
import { ANY_TAG, type ManifestPush, type Origin, type Registry } from '../registry/index.ts';
import { manifestOf, NO_CONFIG } from './manifest.ts';
import type { NewArtifact } from './types.ts';

type Pushes = Pick<Registry, 'blobs' | 'uploads'>;

/** What is pushed for an artifact, once all that its manifest names is in the repository. */
export async function prepareArtifact(registry: Pushes, by: Origin, artifact: NewArtifact): Promise<ManifestPush> {
  const { repository, tag, files } = artifact;
  for (const { content } of files) if (content instanceof Uint8Array) await putBytes(registry, by, repository, content);
  if (!(await isHeld(registry, repository, digestOf(NO_CONFIG)))) await putBytes(registry, by, repository, NO_CONFIG);
  return {
    reference: { kind: 'tag', tag },
    tags: [],
    contentType: OCI_IMAGE_MANIFEST,
    bytes: manifestOf(artifact),
    grant: ANY_TAG,
  };
}

async function putBytes({ uploads }: Pushes, by: Origin, repository: RepositoryName, bytes: Uint8Array): Promise<void> {
  const body = { stream: only(bytes), expectedBytes: bytes.length };
  await uploads.putWhole(by, repository, digestOf(bytes), body);
}

/** Whether the repository holds the blob, which then is kept for who asked. */
async function isHeld({ blobs }: Pushes, repository: RepositoryName, digest: Digest): Promise<boolean> {
  try {
    await blobs.stat(repository, digest);
    return true;
  } catch (failure) {
    if (failure instanceof OciError && failure.code === 'BLOB_UNKNOWN') return false;
    throw failure;
  }
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
