import {
  digestOf,
  parseRepositoryName,
  parseTag,
  findUploadId,
  type Digest,
  type RepositoryName,
  type Tag,
  type UploadId,
} from '../../pkg/oci/index.ts';
import type { By, Catalog, ChangeRow, CommandArgs } from './types.ts';

/** Opens a catalog of its own, with nothing in it. */
export type OpenCatalog = () => Promise<Catalog>;

export const digest = (text: string): Digest => digestOf(Buffer.from(text));
export const tag = (text: string): Tag => parseTag(text);

let made = 0;
/** A repository that no other test names. */
export const freshRepository = (): RepositoryName => parseRepositoryName(`team/app-${++made}`);

export function freshUploadId(): UploadId {
  const id = findUploadId(`00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`);
  if (!id) throw new Error('not an upload id');
  return id;
}

export const at = (nowMs = 1000, principal = 'alice'): By => ({
  by: { principal, address: '192.0.2.7', requestId: 'request-1' },
  nowMs,
});

export const SIZE = 100;

/** The arguments of a push of a manifest that names nothing. */
export function manifestArgs(
  repository: RepositoryName,
  what: string,
  more: Partial<CommandArgs<'putManifest'>> = {},
): CommandArgs<'putManifest'> {
  return {
    ...at(),
    repository,
    digest: digest(what),
    sizeBytes: SIZE,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: undefined,
    subject: undefined,
    annotations: {},
    blobs: [],
    foreign: [],
    children: [],
    tags: [],
    grant: { create: true, update: true },
    ...more,
  };
}

export async function putBlob(catalog: Catalog, repository: RepositoryName, what: string): Promise<Digest> {
  await catalog.run('finishUpload', { ...at(), repository, digest: digest(what), sizeBytes: SIZE });
  return digest(what);
}

/** Everything in the log of one repository, sealed as it goes. */
export async function logOf(catalog: Catalog, repository: RepositoryName): Promise<readonly ChangeRow[]> {
  while ((await catalog.run('sealChanges', { nowMs: 1, limit: 1000 })).sealed > 0);
  const changes = await catalog.queries.listChanges({ limit: 1_000_000 });
  return changes.filter((change) => change.repository === repository);
}

/** The log of a repository as `action name`, digests left out. */
export async function actionsOf(catalog: Catalog, repository: RepositoryName): Promise<readonly string[]> {
  const changes = await logOf(catalog, repository);
  return changes.map(({ action, name }) => (name.includes(':') ? action : `${action} ${name}`));
}
