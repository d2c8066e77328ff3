import type { Digest, RepositoryName } from '../../pkg/oci/index.ts';
import type { BlobShare, Catalog } from '../catalog/index.ts';
import type { Storage } from '../storage/index.ts';

/** Bytes by what keeps them: each byte of storage is one of these. */
export interface StorageBytes {
  /** Referenced by manifests of one repository. */
  readonly live: number;
  /** Referenced by manifests of several; counted once in a sum. */
  readonly shared: number;
  /** Referenced by nothing: to be collected when its review delay is over. */
  readonly waiting: number;
  readonly uploads: number;
  /** Of content that no row knows; undefined where storage was not looked through for it. */
  readonly unknown: number | undefined;
}

export type RepositoryStorage = { readonly repository: RepositoryName } & Omit<StorageBytes, 'unknown'>;

export interface StorageReport {
  readonly takenMs: number;
  readonly total: StorageBytes;
  /** By name; what several share is in each of them. */
  readonly repositories: readonly RepositoryStorage[];
}

interface Deps {
  readonly catalog: Pick<Catalog, 'queries'>;
  readonly storage: Pick<Storage, 'blobs'>;
  readonly clock: () => number;
}

const BLOBS = 2000;
const REPOSITORIES = 1000;
const PATIENCE = 64;

type Sums = { live: number; shared: number; waiting: number; uploads: number };
const nothing = (): Sums => ({ live: 0, shared: 0, waiting: 0, uploads: 0 });

/**
 * What is where. Reads a row of every blob, page by page (and with `scan` all that storage has): for an operator who
 * asks, not for a request's path. What a repository has in all is counted as it changes, and only read here.
 */
export async function takeStock(
  { catalog, storage, clock }: Deps,
  { scan }: { readonly scan: boolean },
): Promise<StorageReport> {
  const { queries } = catalog;
  const total = nothing();
  const byId = new Map<number, Sums>();
  const sumsOf = (id: number): Sums => {
    const known = byId.get(id) ?? nothing();
    byId.set(id, known);
    return known;
  };
  for (let after: Digest | undefined, more = true; more;) {
    const page: readonly BlobShare[] = await queries.listBlobShares({ after, limit: BLOBS });
    for (const { kind, sizeBytes, repositoryId } of page) {
      total[kind] += sizeBytes;
      if (repositoryId !== undefined && kind !== 'shared') sumsOf(repositoryId)[kind] += sizeBytes;
    }
    after = page.at(-1)?.digest;
    more = page.length === BLOBS;
    await new Promise(setImmediate);
  }
  const uploads = new Map((await queries.listUploadBytes()).map(({ repository, bytes }) => [repository, bytes]));
  for (const bytes of uploads.values()) total.uploads += bytes;

  const repositories: RepositoryStorage[] = [];
  for (let after: number | undefined, more = true; more;) {
    const page = await queries.listRepositoryBytes({ after, limit: REPOSITORIES });
    for (const { id, repository, bytes } of page) {
      const { live, waiting } = sumsOf(id);
      const shared = Math.max(0, bytes - live);
      repositories.push({ repository, live, shared, waiting, uploads: uploads.get(repository) ?? 0 });
      uploads.delete(repository);
    }
    after = page.at(-1)?.id;
    more = page.length === REPOSITORIES;
  }
  // Sessions in repositories that are not there yet.
  for (const [repository, bytes] of uploads) repositories.push({ repository, ...nothing(), uploads: bytes });
  repositories.sort((a, b) => (a.repository < b.repository ? -1 : 1));
  const unknown = scan ? await unknownBytes(catalog, storage) : undefined;
  return { takenMs: clock(), total: { ...total, unknown }, repositories };
}

async function unknownBytes({ queries }: Deps['catalog'], { blobs }: Deps['storage']): Promise<number> {
  let bytes = 0;
  let looked = 0;
  for await (const { digest, sizeBytes } of blobs.walk()) {
    if (!(await queries.findContent(digest))) bytes += sizeBytes;
    if (++looked % PATIENCE === 0) await new Promise(setImmediate);
  }
  return bytes;
}

/** The bytes of what nothing else references than this manifest: free for collection once it is deleted. */
export async function bytesOnlyOf(
  { queries }: Deps['catalog'],
  repository: RepositoryName,
  digest: Digest,
): Promise<number> {
  // The page begins just before the digest: of what may come before it there are not as many as it holds.
  const page = await queries.listManifests(repository, { after: digest.slice(0, -1), limit: 17 });
  const manifest = page.find((each) => each.digest === digest);
  return manifest ? freedBy({ queries }, new Map([digest, ...manifest.blobs].map((blob) => [blob, 1]))) : 0;
}

/** The bytes of those blobs that have no other references than so many. */
export async function freedBy({ queries }: Deps['catalog'], dropped: ReadonlyMap<Digest, number>): Promise<number> {
  let bytes = 0;
  for (const [digest, references] of dropped) {
    const use = await queries.findBlobUse(digest, references + 1);
    if (use && use.references.length <= references) bytes += use.sizeBytes;
  }
  return bytes;
}
