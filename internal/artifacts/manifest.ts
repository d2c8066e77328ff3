import { ANNOTATION, digestOf, OCI_EMPTY, OCI_IMAGE_MANIFEST } from '../../pkg/oci/index.ts';
import type { NewArtifact, NewFile, Uploaded } from './types.ts';

/** What stands for "no config" (image-spec: manifest.md, Guidance for an Empty Descriptor). */
export const NO_CONFIG = Buffer.from('{}');

/** Where the content of a file is. */
export function placeOf({ content }: NewFile): Uploaded {
  return content instanceof Uint8Array ? { digest: digestOf(content), sizeBytes: content.length } : content;
}

/** The manifest of an artifact, as bytes: the same for the same artifact. */
export function manifestOf({ artifactType, files, annotations }: NewArtifact): Uint8Array {
  const layers = files.map((file) => {
    const { digest, sizeBytes } = placeOf(file);
    return { mediaType: file.mediaType, digest, size: sizeBytes, annotations: { [ANNOTATION.title]: file.title } };
  });
  const config = { mediaType: OCI_EMPTY, digest: digestOf(NO_CONFIG), size: NO_CONFIG.length };
  const manifest = { schemaVersion: 2, mediaType: OCI_IMAGE_MANIFEST, artifactType, config, layers, annotations };
  return Buffer.from(JSON.stringify(manifest));
}
