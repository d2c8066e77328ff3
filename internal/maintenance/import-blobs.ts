import type { Digest, RepositoryName, UploadId } from '../../pkg/oci/index.ts';
import type { Catalog, Origin } from '../catalog/index.ts';
import type { OldTree, Storage } from '../storage/index.ts';
import { isAsPushed } from './damage.ts';
import { copyBlob } from './copy-blob.ts';
import { remember } from './remember.ts';

export interface BlobImportDeps {
  readonly tree: Pick<OldTree, 'openBlob'>;
  readonly storage: Pick<Storage, 'blobs' | 'uploads'>;
  readonly catalog: Catalog;
  /** Who imports, for the log of changes. */
  readonly by: Origin;
  readonly clock: () => number;
  readonly newUploadId: () => UploadId;
  readonly dryRun: boolean;
}

export interface BlobImport {
  readonly counts: { readonly blobs: number; readonly bytes: number };
  /** Makes a blob of the tree the repository's. The reason where that cannot be. */
  bring(repository: RepositoryName, digest: Digest, sizeBytes: number): Promise<string | undefined>;
}

interface Fetched {
  readonly sizeBytes: number;
  /** Whether it was put in place of what is quarantined. */
  readonly replaced: boolean;
}

export function createBlobImport(deps: BlobImportDeps): BlobImport {
  const { tree, storage, catalog, by, clock, dryRun } = deps;
  const counts = { blobs: 0, bytes: 0 };

  /** Sees to it that storage has the content, as its digest says; how that was, or the reason why not. */
  const fetch = remember(async (digest: Digest): Promise<Fetched | string> => {
    const content = await tree.openBlob(digest);
    if (!content) return `the content of ${digest} is missing`;
    const { sizeBytes } = content;
    // In the folder that is storage itself, too: there the content is in its place, and only has to be right.
    const { damage } = await catalog.queries.findDeletion(digest);
    const replaced = damage !== undefined;
    const isThere = !replaced && (await storage.blobs.stat(digest))?.sizeBytes === sizeBytes;
    const copy = (): Promise<boolean> => copyBlob(content, digest, { ...deps, replace: replaced });
    const isRight = isThere || dryRun ? await isAsPushed(content, digest) : await copy();
    if (!isRight) return `the content of ${digest} is not what its digest says`;
    counts.blobs += 1;
    counts.bytes += sizeBytes;
    return { sizeBytes, replaced };
  });

  async function bring(repository: RepositoryName, digest: Digest, sizeBytes: number): Promise<string | undefined> {
    const held = await catalog.queries.findBlob(repository, digest);
    const isHeld = held !== undefined && held.damage === undefined;
    const found = isHeld ? { ...held, replaced: false } : await fetch(digest);
    if (typeof found === 'string') return found;
    if (found.sizeBytes !== sizeBytes)
      return `${digest} has ${found.sizeBytes} bytes, and the manifest says ${sizeBytes}`;
    if (isHeld || dryRun) return undefined;
    const { replaced } = found;
    const { kind } = await catalog.run('finishUpload', { by, nowMs: clock(), repository, digest, sizeBytes, replaced });
    return kind === 'finished' ? undefined : `${digest} is being deleted just now: import once more`;
  }

  return { counts, bring };
}
