import {
  OCI_IMAGE_CONFIG,
  OCI_IMAGE_INDEX,
  OCI_IMAGE_MANIFEST,
  OCI_LAYER,
  type Digest,
} from '../../../pkg/oci/index.ts';
import { describeSample, toManifest, toSample, type Sample, type SampleImage } from '../images.ts';

const layers = ['base', 'one', 'two'].map((text) => toSample(text, OCI_LAYER));
const configs = ['first config', 'second config'].map((text) => toSample(text, OCI_IMAGE_CONFIG));

function imageOf(config: Sample | undefined, ...own: readonly (Sample | undefined)[]): SampleImage {
  const blobs = [config, ...own].filter((sample) => sample !== undefined);
  const [first, ...rest] = blobs.map(describeSample);
  return { manifest: toManifest(OCI_IMAGE_MANIFEST, { config: first, layers: rest }), blobs };
}

const images = [
  imageOf(configs[0], layers[0], layers[1]),
  imageOf(configs[1], layers[0], layers[2]),
  imageOf(layers[0]),
];

/** What is pushed: few things that share much, so that whatever can meet does. */
export const IMAGES: readonly SampleImage[] = [
  ...images,
  {
    manifest: toManifest(OCI_IMAGE_INDEX, {
      manifests: images.slice(0, 2).map(({ manifest }) => describeSample(manifest)),
    }),
    blobs: [],
  },
];

export const BLOBS: readonly Sample[] = [...layers, ...configs];

const ALL = new Map<Digest, Sample>(
  [...BLOBS, ...IMAGES.map(({ manifest }) => manifest)].map((sample) => [sample.digest, sample]),
);

/** The bytes with that digest. */
export function sampleOf(digest: Digest): Sample {
  const sample = ALL.get(digest);
  if (!sample) throw new Error(`nobody ever pushed ${digest}`);
  return sample;
}
