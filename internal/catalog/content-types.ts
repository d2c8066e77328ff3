import type { Digest, RepositoryName } from '../../pkg/oci/index.ts';
import type { By, PageOf } from './asking.ts';
import type { DamageKind } from './scrub-types.ts';

/** A blob that a repository holds. */
export interface BlobRow {
  readonly sizeBytes: number;
  /** As in `ManifestRow`. */
  readonly damage?: DamageKind;
}

export interface ContentQueries {
  /** The blob's size where the repository holds it (a completed upload or a mount), else undefined. */
  findBlob(repository: RepositoryName, digest: Digest): Promise<BlobRow | undefined>;
  /** Repositories that hold the blob, for a mount without `from`: the oldest first, pages continue after a name. */
  listHolders(digest: Digest, page: PageOf<string>): Promise<readonly RepositoryName[]>;
  /** Content that the catalog knows, whoever holds it, by digest; with `sinceMs` what came since then. */
  listBlobs(
    page: PageOf<string> & { readonly sinceMs?: number | undefined },
  ): Promise<readonly { readonly digest: Digest; readonly sizeBytes: number }[]>;
  findContent(digest: Digest): Promise<{ readonly sizeBytes: number } | undefined>;
}

export interface ContentCommands {
  mountBlob: {
    args: By & {
      readonly repository: RepositoryName;
      readonly from: RepositoryName;
      readonly digest: Digest;
      /** As in `finishUpload`. */
      readonly leaseMs?: number | undefined;
    };
    result: Readonly<{ kind: 'mounted' }> | Readonly<{ kind: 'absent' }>;
  };
  deleteBlob: {
    args: By & { readonly repository: RepositoryName; readonly digest: Digest };
    result:
      Readonly<{ kind: 'deleted' }> | Readonly<{ kind: 'absent' }> | Readonly<{ kind: 'referenced'; manifest: Digest }>;
  };
}
