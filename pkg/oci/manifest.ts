import {
  createCaseCheck,
  findAnnotations,
  findFields,
  findString,
  parseDescriptor,
  parseDescriptors,
  type Descriptor,
  type Fields,
} from './descriptor.ts';
import { excerpt } from './digest.ts';
import { OciError, unreachable } from './errors.ts';
import { parseStrictJson } from './json.ts';
import {
  DOCKER_MANIFEST,
  DOCKER_MANIFEST_LIST,
  DOCKER_SCHEMA1,
  DOCKER_SCHEMA1_SIGNED,
  findMediaType,
  OCI_IMAGE_INDEX,
  OCI_IMAGE_MANIFEST,
  OCTET_STREAM,
} from './media-types.ts';

export type ManifestKind = 'image' | 'index' | 'other';

/** What the registry needs to know of a manifest; the bytes stay as they were pushed. */
export interface Manifest {
  readonly kind: ManifestKind;
  /** Without parameters: what is answered as Content-Type. */
  readonly mediaType: string;
  readonly config?: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  /** The manifest's own `artifactType`, else an image manifest's `config.mediaType` (distribution-spec: Listing Referrers). */
  readonly artifactType?: string;
  readonly annotations: Readonly<Record<string, string>>;
}

const KINDS: ReadonlyMap<string, ManifestKind> = new Map([
  [OCI_IMAGE_MANIFEST, 'image'],
  [DOCKER_MANIFEST, 'image'],
  [OCI_IMAGE_INDEX, 'index'],
  [DOCKER_MANIFEST_LIST, 'index'],
]);
const SCHEMA1: readonly string[] = [DOCKER_SCHEMA1, DOCKER_SCHEMA1_SIGNED];
/** What tools send of their own accord when they were told no type: no name of any kind of manifest. */
const MEANINGLESS: readonly string[] = [OCTET_STREAM, 'application/x-www-form-urlencoded'];

const refuseOtherCase = createCaseCheck([
  'schemaVersion',
  'mediaType',
  'artifactType',
  'config',
  'layers',
  'manifests',
  'subject',
  'annotations',
]);

/**
 * What `bytes` are, pushed with the header `contentType` (octoserve contract, section 5.3).
 *
 * Content-Type, `mediaType` and shape must agree, so that no two clients read the same bytes as different things.
 * Without either type, an object with `manifests` is an index and any other an OCI image manifest. A type that is not
 * one of the four known ones makes it `other`: accepted where it is an `application/*` type that says something.
 * Unknown members are always fine. MANIFEST_INVALID, or DIGEST_INVALID for a descriptor's digest.
 */
export function parseManifest(bytes: Uint8Array, contentType: string | undefined): Manifest {
  const fields = findFields(parseStrictJson(bytes));
  if (!fields) throw invalid('not a JSON object');
  const mediaType = decideMediaType(fields, contentType);
  const kind = KINDS.get(mediaType) ?? 'other';
  refuseSchema1(fields, kind, mediaType);
  if (isPresent(fields, 'layers') && isPresent(fields, 'manifests')) throw invalid('has both layers and manifests');
  switch (kind) {
    case 'image':
      return parseImage(fields, mediaType);
    case 'index':
      return parseIndex(fields, mediaType);
    case 'other':
      return parseOther(fields, mediaType);
    default:
      return unreachable(kind);
  }
}

function decideMediaType(fields: Fields, contentType: string | undefined): string {
  const inside = findString(fields, 'mediaType', 'manifest');
  const [sent, named] = [checkMediaType('Content-Type', contentType), checkMediaType('mediaType', inside)];
  if (sent && named && sent.toLowerCase() !== named.toLowerCase()) {
    throw invalid(`content type mismatch: Content-Type is ${sent}, mediaType is ${named}`);
  }
  const given = named ?? sent;
  if (!given) return isPresent(fields, 'manifests') ? OCI_IMAGE_INDEX : OCI_IMAGE_MANIFEST;
  const lower = given.toLowerCase();
  return KINDS.has(lower) || SCHEMA1.includes(lower) ? lower : checkOtherType(given);
}

function checkMediaType(what: string, text: string | undefined): string | undefined {
  const type = text === undefined ? undefined : findMediaType(text);
  if (text !== undefined && !type) throw invalid(`${what} is not a media type: ${excerpt(text)}`);
  return type;
}

function checkOtherType(type: string): string {
  if (type.toLowerCase().startsWith('application/') && !MEANINGLESS.includes(type.toLowerCase())) return type;
  throw invalid(`${type} is no type of a manifest: send the manifest's own media type as Content-Type`);
}

/** The digest of a signed one is not that of its bytes, and no client has needed them for years. */
function refuseSchema1(fields: Fields, kind: ManifestKind, mediaType: string): void {
  const looksLikeIt = fields['schemaVersion'] === 1 && (kind !== 'other' || isPresent(fields, 'fsLayers'));
  if (looksLikeIt || SCHEMA1.includes(mediaType)) {
    throw invalid('Docker image manifests of schema 1 are not supported: push schema 2 or OCI');
  }
}

function parseImage(fields: Fields, mediaType: string): Manifest {
  const common = parseCommon(fields);
  if (isPresent(fields, 'manifests')) throw invalid('an image manifest has no manifests');
  const config = parseDescriptor(fields['config'], 'config');
  const layers = parseDescriptors(fields['layers'], 'layers');
  return { kind: 'image', mediaType, config, layers, manifests: [], artifactType: config.mediaType, ...common };
}

function parseIndex(fields: Fields, mediaType: string): Manifest {
  const common = parseCommon(fields);
  for (const key of ['config', 'layers']) {
    if (isPresent(fields, key)) throw invalid(`an index has no ${key}`);
  }
  return {
    kind: 'index',
    mediaType,
    layers: [],
    manifests: parseDescriptors(fields['manifests'], 'manifests'),
    ...common,
  };
}

function parseCommon(fields: Fields): Pick<Manifest, 'subject' | 'artifactType' | 'annotations'> {
  refuseOtherCase(fields, 'manifest');
  if (fields['schemaVersion'] !== 2) throw invalid('schemaVersion is not 2');
  const artifactType = findString(fields, 'artifactType', 'manifest');
  return {
    ...(isPresent(fields, 'subject') && { subject: parseDescriptor(fields['subject'], 'subject') }),
    ...(artifactType && { artifactType }),
    annotations: findAnnotations(fields, 'manifest') ?? {},
  };
}

/**
 * In an unknown type the same names may mean something else. What carries a media type, a digest and a size there is a
 * descriptor, held to the same rules, so that the registry keeps what it names; anything else is left alone.
 */
function parseOther(fields: Fields, mediaType: string): Manifest {
  const [config, subject] = [findDescriptor(fields, 'config'), findDescriptor(fields, 'subject')];
  const { artifactType } = fields;
  return {
    kind: 'other',
    mediaType,
    ...(config && { config }),
    layers: [...listDescriptors(fields, 'layers'), ...listDescriptors(fields, 'blobs')],
    manifests: listDescriptors(fields, 'manifests'),
    ...(subject && { subject }),
    ...(typeof artifactType === 'string' && artifactType && { artifactType }),
    annotations: stringsOf(fields['annotations']),
  };
}

function findDescriptor(fields: Fields, key: string): Descriptor | undefined {
  return isDescriptor(fields[key]) ? parseDescriptor(fields[key], key) : undefined;
}

function listDescriptors(fields: Fields, key: string): readonly Descriptor[] {
  const list = fields[key];
  if (!Array.isArray(list)) return [];
  return list.flatMap((item, index) => (isDescriptor(item) ? [parseDescriptor(item, `${key}[${index}]`)] : []));
}

function isDescriptor(value: unknown): boolean {
  const fields = findFields(value);
  return !!fields && ['mediaType', 'digest', 'size'].every((key) => isPresent(fields, key));
}

function stringsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(findFields(value) ?? {});
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function isPresent(fields: Fields, key: string): boolean {
  return (fields[key] ?? undefined) !== undefined;
}

function invalid(detail: string): OciError {
  return new OciError('MANIFEST_INVALID', detail);
}
