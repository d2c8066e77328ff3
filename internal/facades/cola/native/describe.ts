import {
  algorithmOf,
  ANNOTATION,
  encodedOf,
  hasFiles,
  OciError,
  titleOf,
  type Descriptor,
  type Manifest,
} from '../../../../pkg/oci/index.ts';
import type { DoorPush } from '../../../registry/index.ts';
import type { NamedEntity } from '../names.ts';
import { wrongOfPartition } from '../rules/fields.ts';
import { EVERYBODY } from '../rules/partitions.ts';
import { isVersion } from '../rules/versions.ts';
import type { Described, Partitions } from '../store.ts';
import { parseDescribed, parseReference } from './documents.ts';
import type { ColaFacts, PackageFile } from './facts.ts';
import { inspectPackage } from './package/look-inside.ts';
import { NOTE, TYPE } from './types.ts';

/** Documents are small; whatever is larger is none. */
const LONGEST_DOCUMENT = 1024 * 1024;
/** Of a manifest with many files so many are remembered, and so many of them looked into. */
const MOST_FILES = 32;
const MOST_LOOKS = 4;
const LONGEST_DESCRIPTION = 4096;

type Push = Pick<DoorPush, 'manifest' | 'readBlob'>;

/** What a pushed manifest is to COLA; undefined where it is nothing. Throws MANIFEST_INVALID where it says what it is not. */
export async function describe(push: Push, entity: NamedEntity): Promise<ColaFacts | undefined> {
  const { manifest } = push;
  const { registry, packageName } = entity;
  if (packageName === undefined) {
    if (manifest.artifactType === TYPE.registry)
      return { kind: 'registry', ...(await readDescribed('registry', push, registry)) };
    return manifest.artifactType === TYPE.index ? describeIndex(manifest) : undefined;
  }
  if (manifest.artifactType === TYPE.package) {
    return { kind: 'package', ...(await readDescribed('package', push, packageName)) };
  }
  if (!hasFiles(manifest)) return undefined;
  return manifest.artifactType === TYPE.reference
    ? describeReference(push, packageName)
    : describeVersion(push, packageName);
}

/** The only layer of a document. */
function onlyLayer({ layers }: Manifest, what: string): Descriptor {
  const [layer, ...others] = layers;
  if (!layer || others.length > 0) throw new OciError('MANIFEST_INVALID', `${what} has one layer`);
  if (layer.size > LONGEST_DOCUMENT)
    throw new OciError('MANIFEST_INVALID', `${what} is at most ${LONGEST_DOCUMENT} bytes`);
  return layer;
}

async function read({ readBlob }: Push, { digest }: Descriptor): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readBlob(digest)) chunks.push(Buffer.from(chunk)); // it is only lent
  return Buffer.concat(chunks);
}

/** What the document says, where it is one; MANIFEST_INVALID with what is wrong with it. */
async function parsed<T>(what: string, push: Push, parse: (bytes: Uint8Array) => T): Promise<T> {
  const bytes = await read(push, onlyLayer(push.manifest, what));
  try {
    return parse(bytes);
  } catch (wrong) {
    throw new OciError('MANIFEST_INVALID', `${what}: ${(wrong as Error).message}`, wrong);
  }
}

const readDescribed = (kind: 'registry' | 'package', push: Push, name: string): Promise<Described> =>
  parsed(`the document of a ${kind}`, push, (bytes) => parseDescribed(kind, bytes, name));

function describeIndex(manifest: Manifest): ColaFacts {
  const [layer, ...others] = manifest.layers;
  if (!layer || others.length > 0) throw new OciError('MANIFEST_INVALID', 'an index has one layer');
  const generation = Number(manifest.annotations[NOTE.generation]);
  return { kind: 'index', generation: Number.isSafeInteger(generation) ? generation : undefined };
}

async function describeReference(push: Push, packageName: string): Promise<ColaFacts> {
  const said = await parsed('a reference', push, (bytes) => parseReference(bytes, packageName));
  const { checksum, url, startPartition, endPartition } = said;
  const noted = notesOf(push.manifest);
  return { kind: 'reference', ...noted, checksum, url, startPartition, endPartition, warnings: [] };
}

async function describeVersion(push: Push, packageName: string): Promise<ColaFacts> {
  const { manifest, readBlob } = push;
  const isMeant = isMeantFor(packageName);
  const few = manifest.layers.length === 1;
  let looks = 0;
  const files: PackageFile[] = [];
  for (const layer of manifest.layers.filter(isListable).slice(0, MOST_FILES)) {
    const looksInside = layer.size > 0 && (few || (isMeant(layer) && looks < MOST_LOOKS));
    if (looksInside) looks += 1;
    const found = looksInside ? await inspectPackage((range) => readBlob(layer.digest, range), layer.size) : undefined;
    const { mediaType, size: sizeBytes } = layer;
    files.push({
      checksum: encodedOf(layer.digest),
      sizeBytes,
      mediaType,
      title: titleOf(layer)?.slice(0, 256),
      found,
    });
  }
  if (files.length === 0) return undefinedVersion(manifest);
  const description = (manifest.annotations[ANNOTATION.description] ?? '').slice(0, LONGEST_DESCRIPTION);
  return { kind: 'version', files, description, ...notesOf(manifest) };
}

const undefinedVersion = (manifest: Manifest): ColaFacts => ({
  kind: 'version',
  files: [],
  description: '',
  ...notesOf(manifest),
});

/** Clients compare sha256 and nothing else. */
const isListable = ({ digest }: Descriptor): boolean => algorithmOf(digest) === 'sha256';

/** contract 12.3: which of several layers could be the package. */
function isMeantFor(packageName: string): (layer: Descriptor) => boolean {
  return (layer) => {
    const title = titleOf(layer) ?? '';
    return layer.mediaType === 'application/zip' || /\.(?:pkg|zip)$/.test(title) || title.startsWith(`${packageName}-`);
  };
}

function notesOf({ annotations }: Manifest) {
  const { partitions, warnings } = partitionsOf(annotations);
  const createdMs = Date.parse(annotations[ANNOTATION.created] ?? '');
  const version = annotations[ANNOTATION.version];
  const listing = annotations[NOTE.index];
  return {
    ...partitions,
    warnings,
    version: version !== undefined && isVersion(version) ? version : undefined,
    createdMs: Number.isFinite(createdMs) ? createdMs : undefined,
    listing: listing === 'true' ? ('always' as const) : listing === 'false' ? ('never' as const) : undefined,
  };
}

function partitionsOf(annotations: Manifest['annotations']): { partitions: Partitions; warnings: readonly string[] } {
  const [start, end] = [annotations[NOTE.start] ?? '0', annotations[NOTE.end] ?? '9'];
  const isRight = (text: string): boolean =>
    /^\d{1,3}$/.test(text) && wrongOfPartition(Number(text), 'endPartition') === undefined;
  if (isRight(start) && isRight(end)) {
    return { partitions: { startPartition: Number(start), endPartition: Number(end) }, warnings: [] };
  }
  return { partitions: EVERYBODY, warnings: ['its partitions are not between 0 and 255: it is for everybody'] };
}
