import { digestOf, OCI_IMAGE_CONFIG, OCI_IMAGE_MANIFEST, OCI_LAYER, type Digest } from '../../../pkg/oci/index.ts';
import { contentFor, type Content } from '../generator/content.ts';
import type { HeldImage } from './types.ts';

/** How large the fixtures are. */
export interface Scale {
  /** Of the large blob. */
  readonly largeBytes: number;
  /** In the repository with many. */
  readonly tags: number;
}

/** A manifest with its tags. */
export interface FixtureManifest {
  readonly bytes: Buffer;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly tags: readonly string[];
}

/** What has to be in a repository before a workload can begin. */
export interface Fixture {
  readonly repository: string;
  readonly blobs: readonly Content[];
  readonly manifests: readonly FixtureManifest[];
}

const IMAGES = 100;
const LAYERS = 5;
const LAYER_BYTES = 16 * 1024;
const BLOBS = 64;
const REFERRERS = 100;

const describe = (mediaType: string, { digest, body }: Content): object => ({
  mediaType,
  digest,
  size: body.sizeBytes,
});

function toContent(bytes: Buffer): Content {
  return { digest: digestOf(bytes), body: { sizeBytes: bytes.length, pieces: () => [bytes] } };
}

function toManifest(config: Content, layers: readonly Content[], tags: readonly string[], more = {}): FixtureManifest {
  const value = {
    schemaVersion: 2,
    mediaType: OCI_IMAGE_MANIFEST,
    config: describe(OCI_IMAGE_CONFIG, config),
    layers: layers.map((layer) => describe(OCI_LAYER, layer)),
    ...more,
  };
  const bytes = Buffer.from(JSON.stringify(value));
  return { bytes, digest: digestOf(bytes), mediaType: OCI_IMAGE_MANIFEST, tags };
}

const configFor = (name: string): Content =>
  toContent(Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: { Labels: { name } } })));

// All names and contents are the same each time, so that what an earlier run left is used again.

export interface ImagesFixture extends Fixture {
  readonly images: readonly HeldImage[];
}

/** A hundred images that share their layers, each with a tag. */
export function imagesFixture(prefix: string): ImagesFixture {
  const repository = `${prefix}/images`;
  const layers = Array.from({ length: LAYERS }, (_, index) => contentFor(`layer ${index}`, LAYER_BYTES));
  const configs = Array.from({ length: IMAGES }, (_, index) => configFor(`image ${index}`));
  const manifests = configs.map((config, index) => toManifest(config, layers, [`v${index}`]));
  const shared = layers.map(({ digest }) => digest);
  const images = configs.map(({ digest }, index) => ({ repository, tag: `v${index}`, blobs: [digest, ...shared] }));
  return { repository, blobs: [...layers, ...configs], manifests, images };
}

/** One image with very many tags. */
export function tagsFixture(prefix: string, { tags }: Scale): Fixture {
  const config = configFor('many tags');
  const names = Array.from({ length: tags }, (_, index) => `t${String(index).padStart(7, '0')}`);
  return {
    repository: `${prefix}/tags-${tags}`,
    blobs: [config],
    manifests: [toManifest(config, [], names)],
  };
}

export interface ReferrersFixture extends Fixture {
  readonly subject: Digest;
}

/** An image with a hundred artifacts that refer to it. */
export function referrersFixture(prefix: string): ReferrersFixture {
  const config = configFor('referred to');
  const image = toManifest(config, [], ['latest']);
  const subject = { mediaType: image.mediaType, digest: image.digest, size: image.bytes.length };
  const artifacts = Array.from({ length: REFERRERS }, (_, index) =>
    toManifest(config, [], [], {
      artifactType: 'application/vnd.octobench.note',
      subject,
      annotations: { 'dev.octobench.number': String(index) },
    }),
  );
  const repository = `${prefix}/referrers`;
  return { repository, blobs: [config], manifests: [image, ...artifacts], subject: image.digest };
}

/** Blobs of one size that no manifest refers to. */
export function blobsFixture(prefix: string, sizeBytes: number): Fixture {
  const blobs = Array.from({ length: BLOBS }, (_, index) => contentFor(`blob ${index}`, sizeBytes));
  return { repository: `${prefix}/blobs-${sizeBytes}`, blobs, manifests: [] };
}

export function largeFixture(prefix: string, { largeBytes }: Scale): Fixture {
  return { repository: `${prefix}/large`, blobs: [contentFor('large', largeBytes)], manifests: [] };
}
