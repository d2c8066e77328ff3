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

function toImage(config: Sample | undefined, ...own: readonly (Sample | undefined)[]): SampleImage {
  const blobs = [config, ...own].filter((sample) => sample !== undefined);
  const [first, ...rest] = blobs.map(describeSample);
  return { manifest: toManifest(OCI_IMAGE_MANIFEST, { config: first, layers: rest }), blobs };
}

const images = [
  toImage(configs[0], layers[0], layers[1]),
  toImage(configs[1], layers[0], layers[2]),
  toImage(layers[0]),
];

const children = images.slice(0, 2).map(({ manifest }) => manifest);
const CHILDREN = children.map(({ digest }) => digest);
const INDEX = toManifest(OCI_IMAGE_INDEX, { manifests: children.map(describeSample) });

/** What is pushed: few things that share much, so that whatever can meet does. */
export const IMAGES: readonly SampleImage[] = [...images, { manifest: INDEX, blobs: [] }];

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

/** The image or index with that digest. */
export function imageOf(digest: Digest): SampleImage {
  const image = IMAGES.find(({ manifest }) => manifest.digest === digest);
  if (!image) throw new Error(`nobody ever pushed the manifest ${digest}`);
  return image;
}

/** What an index names. */
export const childrenOf = (digest: Digest): readonly Digest[] => (digest === INDEX.digest ? CHILDREN : []);
