import { ANNOTATION } from '../../../pkg/oci/index.ts';
import type { NewArtifact, Uploaded } from '../../artifacts/index.ts';
import { fileNameOf, tagOf } from './names.ts';
import type { Named } from './requests.ts';

const ARTIFACT_TYPE = 'application/vnd.foundry.artifact.v1';
const FILE_TYPE = 'application/octet-stream';

/** A version as it is kept (foundry contract, section 9). `createdAt`: RFC 3339 in UTC. */
export function artifactOf({ name, version, repository }: Named, uploaded: Uploaded, createdAt: string): NewArtifact {
  return {
    repository,
    tag: tagOf(version),
    artifactType: ARTIFACT_TYPE,
    files: [{ mediaType: FILE_TYPE, title: fileNameOf(name, version), content: uploaded }],
    annotations: {
      [ANNOTATION.title]: name,
      [ANNOTATION.version]: version,
      [ANNOTATION.created]: createdAt,
    },
  };
}
