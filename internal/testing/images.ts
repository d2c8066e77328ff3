import { createHash } from 'node:crypto';
import {
  digestOf,
  OCI_EMPTY,
  OCI_IMAGE_CONFIG,
  OCI_IMAGE_INDEX,
  OCI_IMAGE_MANIFEST,
  OCI_LAYER,
  OCTET_STREAM,
  type Digest,
} from '../../pkg/oci/index.ts';

/** Content to push: a blob or the bytes of a manifest. */
export interface Sample {
  readonly bytes: Buffer;
  readonly digest: Digest;
  readonly size: number;
  readonly mediaType: string;
}

/** A manifest with the blobs that it needs. */
export interface SampleImage {
  readonly manifest: Sample;
  readonly blobs: readonly Sample[];
}

export interface ImageShape {
  readonly layers?: number;
  readonly layerBytes?: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface ArtifactShape {
  readonly artifactType?: string;
  /** What it refers to; it need not exist. */
  readonly subject?: Sample;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Makes content: different with each call, the same again from the same seed. */
export interface Samples {
  blob(sizeBytes?: number): Sample;
  image(shape?: ImageShape): SampleImage;
  index(manifests: readonly Sample[], annotations?: Readonly<Record<string, string>>): Sample;
  artifact(shape?: ArtifactShape): SampleImage;
}

export function toSample(bytes: Uint8Array | string, mediaType: string = OCTET_STREAM): Sample {
  const buffer = Buffer.from(bytes);
  return { bytes: buffer, digest: digestOf(buffer), size: buffer.length, mediaType };
}

/** The sample as a manifest names it. */
export function describeSample({ mediaType, digest, size }: Sample): object {
  return { mediaType, digest, size };
}

export function toManifest(mediaType: string, fields: object): Sample {
  return toSample(JSON.stringify({ schemaVersion: 2, mediaType, ...fields }), mediaType);
}

export const EMPTY_CONFIG = toSample('{}', OCI_EMPTY);

export function createSamples(seed: string): Samples {
  let count = 0;
  const random = (sizeBytes: number, mediaType: string): Sample => {
    count += 1;
    const hash = createHash('shake256', { outputLength: Math.max(sizeBytes, 1) }).update(`${seed}/${count}`);
    return toSample(hash.digest().subarray(0, sizeBytes), mediaType);
  };
  return {
    blob: (sizeBytes = 100) => random(sizeBytes, OCTET_STREAM),
    image({ layers = 2, layerBytes = 100, annotations } = {}) {
      const stack = Array.from({ length: layers }, () => random(layerBytes, OCI_LAYER));
      const rootfs = { type: 'layers', diff_ids: stack.map(({ digest }) => digest) };
      const platform = { architecture: 'amd64', os: 'linux' };
      const config = toSample(
        JSON.stringify({ ...platform, config: { Labels: { seed, count } }, rootfs }),
        OCI_IMAGE_CONFIG,
      );
      const manifest = toManifest(OCI_IMAGE_MANIFEST, {
        config: describeSample(config),
        layers: stack.map(describeSample),
        annotations,
      });
      return { manifest, blobs: [config, ...stack] };
    },
    index: (manifests, annotations) =>
      toManifest(OCI_IMAGE_INDEX, { manifests: manifests.map(describeSample), annotations }),
    artifact({ artifactType = 'application/vnd.example.note', subject, annotations } = {}) {
      const layer = random(50, OCTET_STREAM);
      const manifest = toManifest(OCI_IMAGE_MANIFEST, {
        artifactType,
        config: describeSample(EMPTY_CONFIG),
        layers: [describeSample(layer)],
        subject: subject && describeSample(subject),
        annotations,
      });
      return { manifest, blobs: [EMPTY_CONFIG, layer] };
    },
  };
}
