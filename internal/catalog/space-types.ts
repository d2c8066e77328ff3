import type { Digest, RepositoryName, Tag } from '../../pkg/oci/index.ts';
import type { PageOf } from './asking.ts';
import type { TagMove } from './log-types.ts';

/** A manifest that was deleted and whose bytes are still there. */
export interface DeletedManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly deletedMs: number;
}

/** A tag, and since when it points where it does; undefined where the log does not know. */
export interface TagTime {
  readonly tag: Tag;
  readonly digest: Digest;
  readonly setMs: number | undefined;
}

export interface ManifestTimes {
  readonly digest: Digest;
  /** The last pull, to the hour or so. */
  readonly pulledMs: number | undefined;
  /** When a tag last ceased to point at it. */
  readonly leftMs: number | undefined;
}

/** So many bytes are the most that the repositories of the patterns may have together. */
export interface Quota {
  readonly name: string;
  readonly repositories: readonly string[];
  readonly limitBytes: number;
}

export interface QuotaUse {
  /** What manifests reference, each blob once in each repository. */
  readonly usedBytes: number;
  /** What is being uploaded, or was and waits for its manifest. */
  readonly reservedBytes: number;
}

/** A blob, and what keeps it: manifests of one repository (which that is) or of several, or nothing (whose it was). */
export interface BlobShare {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly kind: 'live' | 'shared' | 'waiting';
  readonly repositoryId: number | undefined;
}

export interface RepositoryBytes {
  readonly id: number;
  readonly repository: RepositoryName;
  /** What its manifests reference, each blob once. */
  readonly bytes: number;
}

export interface SpaceQueries {
  /** Every blob with what keeps it, by digest. */
  listBlobShares(page: PageOf<string>): Promise<readonly BlobShare[]>;
  /** Every repository with what it has, by id. */
  listRepositoryBytes(page: PageOf<number>): Promise<readonly RepositoryBytes[]>;
  /** What open uploads have, by repository; of those there may be none yet. */
  listUploadBytes(): Promise<readonly Pick<RepositoryBytes, 'repository' | 'bytes'>[]>;
  /** What the repositories of the patterns have; costs what so many repositories do. */
  quotaUse(patterns: readonly string[], nowMs: number): Promise<QuotaUse>;
  /** The last move of the tag up to that moment; undefined where the log knows none. */
  findTagMove(repository: RepositoryName, tag: Tag, atMs: number): Promise<TagMove | undefined>;
  findDeletedManifest(repository: RepositoryName, digest: Digest): Promise<DeletedManifest | undefined>;
  /** What was deleted from the repository and may be brought back, by digest. */
  listDeletedManifests(repository: RepositoryName, page: PageOf<string>): Promise<readonly DeletedManifest[]>;
  listTagTimes(repository: RepositoryName, page: PageOf<string>): Promise<readonly TagTime[]>;
  /** Of every manifest of the repository, by digest. */
  listManifestTimes(repository: RepositoryName, page: PageOf<string>): Promise<readonly ManifestTimes[]>;
  /** Since when pulls are noted in this catalog. */
  pullsSince(): Promise<number>;
}

export interface SpaceCommands {
  /**
   * Notes when manifests were pulled; what is not there any more is passed over. The pull of a blob is one of the
   * manifests that name it.
   */
  recordPulls: {
    args: {
      readonly pulls: readonly {
        readonly of: 'manifest' | 'blob';
        readonly repository: RepositoryName;
        readonly digest: Digest;
        readonly pulledMs: number;
      }[];
    };
    result: void;
  };
  /** Forgets up to `limit` manifests that were deleted before `beforeMs`. How many that were. */
  forgetDeleted: {
    args: { readonly beforeMs: number; readonly limit: number };
    result: number;
  };
}
