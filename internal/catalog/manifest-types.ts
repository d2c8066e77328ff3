import type { Digest, RepositoryName, Tag } from '../../pkg/oci/index.ts';
import type { Description } from './artifact-types.ts';
import type { By, PageOf } from './asking.ts';
import type { DumpRowOf } from './dump-rows.ts';
import type { DamageKind } from './scrub-types.ts';
import type { Quota } from './space-types.ts';
import type { TagGrant, TagGuards } from './tag-types.ts';

export interface ManifestRow {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly pushedMs: number;
  /** There where the content is quarantined: then nobody is given it. */
  readonly damage?: DamageKind;
}

export interface ReferrerRow {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A manifest with all that it names. */
export type ManifestFacts = DumpRowOf<'manifest'> & {
  /** Of its blobs those that the repository does not hold: they are kept, but nobody reads them there. */
  readonly unheld: readonly Digest[];
};

export interface ManifestQueries {
  /** Whether anything was ever put into the repository. */
  hasRepository(repository: RepositoryName): Promise<boolean>;
  findManifest(repository: RepositoryName, digest: Digest): Promise<ManifestRow | undefined>;
  findTag(repository: RepositoryName, tag: Tag): Promise<ManifestRow | undefined>;
  listTags(repository: RepositoryName, page: PageOf<string>): Promise<readonly Tag[]>;
  /** Repositories that have a manifest; with a prefix those whose names begin so. */
  listRepositories(page: PageOf<string> & { readonly prefix?: string }): Promise<readonly RepositoryName[]>;
  /**
   * Manifests of the repository whose subject is `subject`, by digest; each once. At most `limit`, and no more than
   * have 4 MiB of annotations together (one in any case): fewer rows do not mean that these are the last.
   */
  listReferrers(
    repository: RepositoryName,
    subject: Digest,
    page: PageOf<string> & { readonly artifactType?: string | undefined },
  ): Promise<readonly ReferrerRow[]>;
  /** Manifests of the repository, by digest. */
  listManifests(repository: RepositoryName, page: PageOf<string>): Promise<readonly ManifestFacts[]>;
}

export interface ManifestCommands {
  /** Puts a manifest and its tags, all or none. The content is in storage already. */
  putManifest: {
    args: By & {
      readonly repository: RepositoryName;
      readonly digest: Digest;
      readonly sizeBytes: number;
      readonly mediaType: string;
      readonly artifactType: string | undefined;
      readonly subject: Digest | undefined;
      /** Kept only where there is a subject, for the referrers list. */
      readonly annotations: Readonly<Record<string, string>>;
      /** Blobs that must be in the repository: config and layers (those with `urls` apart). */
      readonly blobs: readonly { readonly digest: Digest; readonly sizeBytes: number }[];
      /** Blobs that may be missing (layers with `urls`): referenced where they are here. */
      readonly foreign: readonly Digest[];
      /** Manifests that an index names; they may be missing. */
      readonly children: readonly Digest[];
      readonly tags: readonly Tag[];
      readonly grant: TagGrant;
      readonly guards?: TagGuards | undefined;
      /** Where each of the tags must point now; nowhere where `at` is undefined. */
      readonly expects?: { readonly at: Digest | undefined } | undefined;
      /** What a door says of it. Where it is not given, what was said before stays. */
      readonly description?: Description | undefined;
      /** The quotas that the repository comes under: they bind where the push adds to what it references. */
      readonly quotas?: readonly Quota[] | undefined;
      /** As in `finishUpload`, of the manifest's own bytes. */
      readonly seen?: number | undefined;
      readonly replaced?: boolean | undefined;
    };
    result:
      /** `again`: as in `finishUpload`. */
      | Readonly<{ kind: 'again' }>
      | Readonly<{ kind: 'stored' }>
      | Readonly<{ kind: 'missing'; digests: readonly Digest[] }>
      /** The first blob whose stored size (here) is not what the manifest says. */
      | Readonly<{ kind: 'sizeDiffers'; digest: Digest; sizeBytes: number }>
      /** The first tag that the grant does not reach. Nothing was put. */
      | Readonly<{ kind: 'denied'; tag: Tag; need: keyof TagGrant }>
      /** A tag that is not to be moved, or whose manifest would be read as something else. Nothing was put. */
      | Readonly<{ kind: 'fixed'; tag: Tag }>
      /** Where a tag points that was expected elsewhere. Nothing was put. */
      | Readonly<{ kind: 'unexpected'; tag: Tag; at: Digest | undefined }>
      /** There is no room for what it would add. Nothing was put. */
      | Readonly<{ kind: 'overQuota'; quota: string }>;
  };
  deleteTag: {
    args: By & {
      readonly repository: RepositoryName;
      readonly tag: Tag;
      readonly guards?: TagGuards | undefined;
      /** What it must point at; anything where it is not given. */
      readonly at?: Digest | undefined;
    };
    result:
      | Readonly<{ kind: 'deleted' }>
      | Readonly<{ kind: 'absent' }>
      | Readonly<{ kind: 'moved' }>
      | Readonly<{ kind: 'kept'; tag: Tag }>;
  };
  /** Deletes a manifest from the repository and every tag that points at it there. */
  deleteManifest: {
    args: By & {
      readonly repository: RepositoryName;
      readonly digest: Digest;
      readonly guards?: TagGuards | undefined;
      /** Until when all that it named is kept for a way back, whatever grace a collection is given. */
      readonly keepMs?: number | undefined;
      /** Only where no other tags than these point at it, and no index of the repository names it. */
      readonly onlyTags?: readonly Tag[] | undefined;
      /** Only where nobody is known to have pushed or pulled it after this. */
      readonly usedMs?: number | undefined;
      /** Whether nobody is to bring it back. */
      readonly forgets?: boolean | undefined;
    };
    /** `kept`: a tag that is not to be deleted points at it, or at an index that it is part of. Nothing was deleted. */
    result:
      | Readonly<{ kind: 'deleted' }>
      | Readonly<{ kind: 'absent' }>
      | Readonly<{ kind: 'inUse' }>
      | Readonly<{ kind: 'kept'; tag: Tag }>;
  };
}
