import { ANNOTATION, tagOfVersion, type RepositoryName, type Tag } from '../../../../pkg/oci/index.ts';
import type { Artifacts, Created as Made, NewFile } from '../../../artifacts/index.ts';
import { OciError } from '../../../../pkg/oci/index.ts';
import type { Origin } from '../../../registry/index.ts';
import type { Kind } from '../rules/requests.ts';
import type { Change, Described, Partitions } from '../store.ts';
import { describedDocument, parseDescribed, referenceDocument } from './documents.ts';
import { PACKAGE_TAG, REGISTRY_TAG } from './door.ts';
import { NOTE, TYPE } from './types.ts';

/** Where the document of a registry or package is. */
const documentTag = (kind: Kind): Tag => (kind === 'registry' ? REGISTRY_TAG : PACKAGE_TAG);

const NOTHING: Described = { description: '', people: [], customValues: new Map() };
/** Somebody else changes the same document at the same time: so often it is tried again. */
const TRIES = 10;

interface Target {
  readonly kind: Kind;
  readonly repository: RepositoryName;
  readonly name: string;
}

const documentOf = ({ kind, repository, name }: Target, fields: Described) => ({
  repository,
  tag: documentTag(kind),
  type: TYPE[kind],
  title: `${kind}.json`,
  bytes: describedDocument(kind, name, fields),
});

/** False where there is one already. */
export async function insertDocument(
  artifacts: Artifacts,
  by: Origin,
  target: Target,
  fields: Described,
): Promise<boolean> {
  const written = await artifacts.writeDocument(by, documentOf(target, fields), { expected: 'absent' });
  return written.kind === 'written';
}

/** Changes the document as it is then; what was there before is garbage. `implied`: what is said where there is none. */
export async function changeDocument(
  artifacts: Artifacts,
  by: Origin,
  target: Target,
  change: Change,
  implied: Described = NOTHING,
): Promise<void> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const found = await artifacts.readDocument(target.repository, documentTag(target.kind));
    const now = found ? parseDescribed(target.kind, found.bytes, target.name) : implied;
    const options = { expected: found?.digest ?? ('absent' as const), dropsPrevious: true };
    const written = await artifacts.writeDocument(by, documentOf(target, { ...now, ...change }), options);
    if (written.kind === 'written') return;
  }
  throw new OciError('UNAVAILABLE', 'others change it at the same time');
}

/** A version that is to be made: of a file that the repository holds, or of a URL. */
export interface VersionToMake extends Partitions {
  readonly repository: RepositoryName;
  readonly name: string;
  readonly version: string;
  readonly source:
    | Readonly<{ kind: 'file'; mediaType: string; content: Exclude<NewFile['content'], Uint8Array> }>
    | Readonly<{ kind: 'url'; url: string; checksum: string }>;
}

/** contract 12.2 */
export async function makeVersion(
  artifacts: Artifacts,
  by: Origin,
  made: VersionToMake,
  nowMs: number,
): Promise<Made & { readonly tag: Tag }> {
  const { repository, name, version, source, startPartition, endPartition } = made;
  const tag = tagOfVersion(version);
  if (tag === undefined) throw new Error(`${version} is no tag, though it is a version`);
  const isFile = source.kind === 'file';
  const file: NewFile = isFile
    ? { mediaType: source.mediaType, title: `${name}-${version}.pkg`, content: source.content }
    : {
        mediaType: TYPE.reference,
        title: `${name}-${version}.json`,
        content: referenceDocument({ name, version, ...source, startPartition, endPartition }),
      };
  const done = await artifacts.create(by, {
    repository,
    tag,
    artifactType: isFile ? TYPE.version : TYPE.reference,
    files: [file],
    annotations: {
      [ANNOTATION.title]: name,
      [ANNOTATION.version]: version,
      [ANNOTATION.created]: new Date(nowMs).toISOString(),
      [NOTE.start]: String(startPartition),
      [NOTE.end]: String(endPartition),
    },
  });
  return { ...done, tag };
}
