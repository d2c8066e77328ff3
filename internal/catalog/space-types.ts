import type { Digest, RepositoryName, Tag } from '../../pkg/oci/index.ts';
import type { PageOf, TagMove } from './types.ts';

/** A manifest that was deleted and whose bytes are still there. */
export interface DeletedManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly deletedMs: number;
}

export interface SpaceQueries {
  /** The last move of the tag up to that moment; undefined where the log knows none. */
  findTagMove(repository: RepositoryName, tag: Tag, atMs: number): Promise<TagMove | undefined>;
  findDeletedManifest(repository: RepositoryName, digest: Digest): Promise<DeletedManifest | undefined>;
  /** What was deleted from the repository and may be brought back, by digest. */
  listDeletedManifests(repository: RepositoryName, page: PageOf<string>): Promise<readonly DeletedManifest[]>;
}

export interface SpaceCommands {
  /** Forgets up to `limit` manifests that were deleted before `beforeMs`. How many that were. */
  forgetDeleted: {
    args: { readonly beforeMs: number; readonly limit: number };
    result: number;
  };
}
