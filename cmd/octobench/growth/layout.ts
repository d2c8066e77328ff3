import { createHash } from 'node:crypto';
import {
  digestOf,
  OCI_IMAGE_CONFIG,
  OCI_IMAGE_MANIFEST,
  parseRepositoryName,
  parseTag,
  toDigest,
  type Digest,
  type RepositoryName,
  type Tag,
} from '../../../pkg/oci/index.ts';
import { contentFor, type Content } from '../generator/content.ts';

/** The images from `from` on, before `to`: what a store grew by at once. */
export interface Stage {
  readonly from: number;
  readonly to: number;
}

/** A manifest with a tag and a blob of its own. */
export interface Image {
  readonly index: number;
  readonly repository: RepositoryName;
  readonly tag: Tag;
  readonly manifest: Digest;
  readonly manifestBytes: number;
  readonly blob: Digest;
  readonly subject: Digest | undefined;
  /** There where the image can be read: the others are rows only. */
  readonly content: { readonly manifest: Buffer; readonly blob: Content } | undefined;
}

/** One image in five is in this repository; the others are eight to a repository. */
export const BIG = parseRepositoryName('bench/many');
const IN_BIG = 5;
const OF_A_SMALL = 10;
/** In the big repository, of each hundred images in a row the first has so many referrers, which come right after it. */
export const REFERRERS = 20;
const GROUP = 100 * IN_BIG;
export const NOTE = 'application/vnd.octobench.note';
/** Stores grow by multiples of this, so that no group and no repository is half there. */
export const UNIT = 1000;
export const BLOB_BYTES = 4096;
const MANIFEST_BYTES = 420;
/** So many images of each stage can be read. */
const READABLE = 50;

export const isInBig = (index: number): boolean => index % IN_BIG === 0;

/** How many of so many images are in the big repository. */
export const countInBig = (images: number): number => Math.ceil(images / IN_BIG);

/** The image of the big repository that so many others are before. */
export const indexInBig = (place: number): number => place * IN_BIG;

export const smallRepository = (index: number): RepositoryName =>
  parseRepositoryName(`bench/small-${padded(Math.floor(index / OF_A_SMALL))}`);

const repositoryOf = (index: number): RepositoryName => (isInBig(index) ? BIG : smallRepository(index));

export const tagOf = (index: number): Tag => parseTag(`t${padded(index)}`);

const padded = (number: number): string => String(number).padStart(8, '0');

/** A group's first image, which others refer to. */
export const subjectIndex = (index: number): number => index - (index % GROUP);

/** The images of a stage that can be read, from all over it; none of them refers to another. */
export function readableOf({ from, to }: Stage): readonly number[] {
  return Array.from({ length: READABLE }, (_, count) => {
    const near = from + Math.floor(((count + 0.5) * (to - from)) / READABLE);
    return subjectIndex(near) + IN_BIG * (REFERRERS + 1 + (count % (GROUP / IN_BIG - REFERRERS - 1)));
  });
}

/**
 * A digest of nothing. Those of a stage ascend with the index, and lie as far apart as hashes do: a database stores them
 * in one pass over what it has, and ends up with what pushes in any order would have left.
 */
function emptyDigest(what: string, index: number, { from, to }: Stage): Digest {
  const place = Math.floor(((index - from) / (to - from)) * 2 ** 32);
  const rest = createHash('sha256').update(`${what} ${index}`).digest('hex').slice(8);
  return toDigest('sha256', `${place.toString(16).padStart(8, '0')}${rest}`);
}

function subjectOf(index: number, stage: Stage): Digest | undefined {
  const place = (index % GROUP) / IN_BIG;
  if (!isInBig(index) || place < 1 || place > REFERRERS) return undefined;
  return emptyDigest('manifest', subjectIndex(index), stage);
}

function contentOf(index: number): NonNullable<Image['content']> {
  const blob = contentFor(`growth ${index}`, BLOB_BYTES);
  const config = { mediaType: OCI_IMAGE_CONFIG, digest: blob.digest, size: BLOB_BYTES };
  const manifest = { schemaVersion: 2, mediaType: OCI_IMAGE_MANIFEST, config, layers: [] };
  return { manifest: Buffer.from(JSON.stringify(manifest)), blob };
}

/** The images of a stage. They are the same each time. */
export function createImages(stage: Stage): (index: number) => Image {
  const readable = new Set(readableOf(stage));
  return (index) => {
    const content = readable.has(index) ? contentOf(index) : undefined;
    return {
      index,
      repository: repositoryOf(index),
      tag: tagOf(index),
      manifest: content ? digestOf(content.manifest) : emptyDigest('manifest', index, stage),
      manifestBytes: content?.manifest.length ?? MANIFEST_BYTES,
      blob: content?.blob.digest ?? emptyDigest('blob', index, stage),
      subject: subjectOf(index, stage),
      content,
    };
  };
}

/** The stages of a store that has so many images, from the sizes that it had. */
export function stagesOf(ends: readonly number[]): readonly Stage[] {
  return ends.map((to, place) => ({ from: ends[place - 1] ?? 0, to }));
}

/** The images of a store of these stages. */
export function createLookup(stages: readonly Stage[]): (index: number) => Image {
  const makers = stages.map((stage) => ({ to: stage.to, make: createImages(stage) }));
  return (index) => {
    const maker = makers.find(({ to }) => index < to);
    if (!maker) throw new RangeError(`there is no image ${index}`);
    return maker.make(index);
  };
}
