import { excerpt, findDigest, type Digest } from './digest.ts';
import { OciError } from './errors.ts';
import { findMediaType } from './media-types.ts';

/** image-spec: descriptor.md. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly urls?: readonly string[];
}

/** The members of a JSON object. A member that is `null` counts as absent: that is how Go writes what was never set. */
export type Fields = Readonly<Record<string, unknown>>;

const KNOWN = ['mediaType', 'digest', 'size', 'artifactType', 'annotations', 'urls', 'data', 'platform'];
const refuseOtherCase = createCaseCheck(KNOWN);

/** The descriptor in `value`; `where` names its place in errors. MANIFEST_INVALID, or DIGEST_INVALID for its digest. */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  const fields = findFields(value);
  if (!fields) throw invalid(`${where} is not a descriptor`);
  refuseOtherCase(fields, where);
  const { digest, size } = fields;
  const mediaType = findString(fields, 'mediaType', where);
  if (mediaType === undefined || !findMediaType(mediaType)) throw invalid(`${where}.mediaType is not a media type`);
  if (typeof digest !== 'string') throw invalid(`${where}.digest is not a string`);
  const known = findDigest(digest);
  if (!known) throw new OciError('DIGEST_INVALID', `${where}.digest: ${excerpt(digest)}`);
  if (!Number.isSafeInteger(size) || Number(size) < 0) throw invalid(`${where}.size is not a whole number of bytes`);
  const artifactType = findString(fields, 'artifactType', where);
  const annotations = findAnnotations(fields, where);
  const urls = findUrls(fields, where);
  return {
    mediaType,
    digest: known,
    size: Number(size),
    ...(artifactType && { artifactType }),
    ...(annotations && { annotations }),
    ...(urls && { urls }),
  };
}

/** The list of descriptors in `value`. */
export function parseDescriptors(value: unknown, where: string): readonly Descriptor[] {
  if (!Array.isArray(value)) throw invalid(`${where} is not a list`);
  return value.map((item, index) => parseDescriptor(item, `${where}[${index}]`));
}

/** The value as an object; undefined for a list, null and everything else. */
export function findFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** The string under `key`; undefined where there is none, MANIFEST_INVALID where it is something else. */
export function findString(fields: Fields, key: string, where: string): string | undefined {
  const value = fields[key] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw invalid(`${where}.${key} is not a string`);
}

/** The annotations of a manifest or descriptor, where it has any: a map from strings to strings. */
export function findAnnotations(fields: Fields, where: string): Readonly<Record<string, string>> | undefined {
  const value = fields['annotations'] ?? undefined;
  if (value === undefined) return undefined;
  const map = findFields(value);
  if (!map || !Object.values(map).every((text) => typeof text === 'string')) {
    throw invalid(`${where}.annotations is not a map of strings`);
  }
  return map as Readonly<Record<string, string>>;
}

function findUrls(fields: Fields, where: string): readonly string[] | undefined {
  const value = fields['urls'] ?? undefined;
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((url) => typeof url === 'string')) {
    throw invalid(`${where}.urls is not a list of strings`);
  }
  return value;
}

/**
 * Refuses a known name in another case (`Layers`). Go's decoder reads it as the known one, other readers do not see it:
 * such a manifest would be one thing to containerd and another to us.
 */
export function createCaseCheck(known: readonly string[]): (fields: Fields, where: string) => void {
  const exact = new Set(known);
  const folded = new Map(known.map((name) => [fold(name), name]));
  return (fields, where) => {
    for (const key of Object.keys(fields)) {
      const meant = exact.has(key) ? undefined : folded.get(fold(key));
      if (meant !== undefined) throw invalid(`${where} has ${JSON.stringify(key)}, which is written ${meant}`);
    }
  };
}

/** Folds like Go: upper case first takes along the long s, lower case then the Kelvin sign. */
function fold(name: string): string {
  return name.toUpperCase().toLowerCase();
}

function invalid(detail: string): OciError {
  return new OciError('MANIFEST_INVALID', detail);
}
