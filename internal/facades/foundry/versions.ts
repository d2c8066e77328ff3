import {
  algorithmOf,
  ANNOTATION,
  encodedOf,
  findDigest,
  hasFiles,
  tagOfVersion,
  titleOf,
  type Descriptor,
  type Digest,
  type Manifest,
} from '../../../pkg/oci/index.ts';
import type { Artifact } from '../../artifacts/index.ts';
import type { Facts, JsonValue } from '../../registry/index.ts';
import { fileNameOf, findVersionName, type PackageName, type VersionName } from './names.ts';

/** A version of a package, as clients hear of it. */
export interface PackageVersion {
  readonly id: number;
  readonly packageId: number;
  readonly version: VersionName;
  readonly digest: Digest;
  /** Its digest in hex, without the algorithm. */
  readonly hash: string;
  readonly sizeBytes: number;
  readonly uploadedMs: number;
  /** The same as RFC 3339 in UTC, as exactly as it is known. */
  readonly uploadedAt: string;
}

/** Of an artifact with many files, so many are remembered by their names. */
const MOST_TITLED = 100;

type File = readonly [digest: Digest, sizeBytes: number];
const fileOf = ({ digest, size }: Descriptor): File => [digest, size];

/**
 * What is to be known of a manifest so that its tags are versions (foundry contract, section 9): an image manifest with
 * a layer that is nobody's signature. Which of several layers is meant depends on the version: all that could be are
 * kept by their titles. Undefined where it can be no version.
 */
export function factsOf(manifest: Manifest, name: PackageName): Facts | undefined {
  const [first] = manifest.layers;
  if (!hasFiles(manifest) || !first || algorithmOf(first.digest) !== 'sha256') return undefined;
  const version = manifest.annotations[ANNOTATION.version];
  const created = findTime(manifest.annotations[ANNOTATION.created] ?? '');
  const titled = manifest.layers.length > 1 ? titledFiles(manifest.layers, name) : [];
  return {
    file: fileOf(first),
    ...(version !== undefined && findVersionName(version) !== undefined && { version }),
    ...(created !== undefined && { created }),
    ...(titled.length > 0 && { titled: Object.fromEntries(titled) }),
  };
}

/** Layers that are named as a version of the package would be, by that version. */
function titledFiles(layers: readonly Descriptor[], name: PackageName): readonly (readonly [string, File])[] {
  const prefix = fileNameOf(name, '');
  const titled: (readonly [string, File])[] = [];
  // Of two with one title the first counts.
  for (const layer of layers.toReversed()) {
    const title = titleOf(layer);
    if (title?.startsWith(prefix) && findVersionName(title.slice(prefix.length)) && isSha256(layer))
      titled.push([title.slice(prefix.length), fileOf(layer)]);
  }
  return titled.slice(-MOST_TITLED);
}

const isSha256 = ({ digest }: Descriptor): boolean => algorithmOf(digest) === 'sha256';

/** A time as it is told: to the millisecond at least, and finer where it was written so. */
function findTime(text: string): string | undefined {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return undefined;
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,9}Z$/.test(text) ? text : new Date(ms).toISOString();
}

/** The version that a tag stands for; undefined where it is none. */
export function versionOf({ id, repositoryId, tag, pushedMs, facts }: Artifact): PackageVersion | undefined {
  const first = findFile(facts?.['file']);
  const version = findVersionName(nameOf(tag, facts?.['version']));
  if (!facts || !first || version === undefined) return undefined;
  const titled = facts['titled'];
  const named = isMembers(titled) ? findFile(titled[version]) : undefined;
  const [digest, sizeBytes] = named ?? first;
  const { created } = facts;
  const uploadedAt = typeof created === 'string' ? created : new Date(pushedMs).toISOString();
  const uploadedMs = Date.parse(uploadedAt);
  const hash = encodedOf(digest);
  return { id, packageId: repositoryId, version, digest, hash, sizeBytes, uploadedMs, uploadedAt };
}

/** What the manifest says of itself counts where it is what the tag says, which cannot hold a `+`. */
function nameOf(tag: string, annotated: JsonValue | undefined): string {
  return typeof annotated === 'string' && tagOfVersion(annotated) === tag ? annotated : tag;
}

/** As `factsOf` wrote it. */
function findFile(value: JsonValue | undefined): File | undefined {
  if (!Array.isArray(value)) return undefined;
  const [digest, sizeBytes] = value as readonly JsonValue[];
  const found = typeof digest === 'string' ? findDigest(digest) : undefined;
  return found && typeof sizeBytes === 'number' ? [found, sizeBytes] : undefined;
}

function isMembers(value: JsonValue | undefined): value is { readonly [name: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Newest first; of two at one time what came later (foundry contract, section 3.4). */
export const byUpload = (a: PackageVersion, b: PackageVersion): number =>
  b.uploadedMs - a.uploadedMs || compareFractions(b, a) || b.id - a.id;

/** Of one millisecond the later: texts to the nanosecond are in order where they are as long. */
function compareFractions({ uploadedAt: a }: PackageVersion, { uploadedAt: b }: PackageVersion): number {
  const [one, two] = [a, b].map((text) => text.slice(20, -1).padEnd(9, '0')) as [string, string];
  return one === two ? 0 : one < two ? -1 : 1;
}
